import { SignatureLog, type PlainSignature, type Taking } from '../../support/signature-log.ts';
import { CHART_SIGNED, DAY, type TestSigner } from '../../support/signer.ts';

/** When a log takes the signature of a chart in these tests: seconds since 1970. */
export const BUNDLE_LOGGED = CHART_SIGNED + 60;

/** A bundle as a test changes it. */
export interface ChangedBundle {
  mediaType: string;
  verificationMaterial: {
    publicKey: { hint: string };
    tlogEntries: {
      logIndex: string;
      integratedTime?: string;
      inclusionPromise?: object;
      inclusionProof?: { rootHash: string };
      canonicalizedBody: string;
    }[];
    timestampVerificationData?: { rfc3161Timestamps: { signedTimestamp: string }[] };
  };
  messageSignature: { messageDigest: { algorithm: string; digest: string }; signature: string };
}

/** What a forger of bundles has at hand. */
interface BundleForger {
  /** The signature of the provenance. */
  readonly signed: PlainSignature;
  /** A bundle of a signature that the trusted log took, of the provenance's own unless it is said. */
  readonly bundleOf: (of?: PlainSignature, taking?: Partial<Taking>) => ChangedBundle;
  /** The true bundle with a change. */
  readonly changed: (
    change: (bundle: ChangedBundle) => unknown,
    taking?: Partial<Taking>,
  ) => Promise<ChangedBundle>;
  /** The signature of another provenance of the same archive, by the same signer or another one. */
  readonly again: (by?: TestSigner) => Promise<PlainSignature>;
  readonly stranger: () => Promise<TestSigner>;
  /** What a bundle of this signer names as its key. */
  readonly hintOf: (other: Promise<TestSigner>) => Promise<string>;
}

/** A bundle of a provenance that must not be accepted, and the check that catches it. */
export interface BundleForgery {
  readonly name: string;
  readonly caughtBy: string;
  readonly forge: (by: BundleForger) => object | Promise<object>;
}

export const bundleForgeries: readonly BundleForgery[] = [
  {
    name: 'of another signature by the same key',
    caughtBy: 'bundle-binding',
    forge: async (by) => by.bundleOf(await by.again()),
  },
  {
    name: 'of a stranger',
    caughtBy: 'bundle-binding',
    forge: async (by) => by.bundleOf(await by.again(await by.stranger())),
  },
  {
    name: 'with the key of a stranger under the hint of the signer',
    caughtBy: 'entry-binding',
    forge: async (by) => {
      const { spki } = await by.again(await by.stranger());
      const other = by.bundleOf({ ...by.signed, spki });
      other.verificationMaterial.publicKey.hint = by.bundleOf().verificationMaterial.publicKey.hint;
      return other;
    },
  },
  {
    name: 'with another hint',
    caughtBy: 'bundle-binding',
    forge: async (by) => {
      const hint = await by.hintOf(by.stranger());
      return await by.changed((each) => (each.verificationMaterial.publicKey.hint = hint));
    },
  },
  {
    name: 'without a hint',
    caughtBy: 'bundle-binding',
    forge: (by) => by.changed((each) => Object.assign(each.verificationMaterial, { publicKey: {} })),
  },
  {
    name: 'of the same signature over other bytes',
    caughtBy: 'bundle-binding',
    forge: (by) => by.bundleOf({ ...by.signed, preimage: Buffer.from('something else') }),
  },
  {
    name: 'that calls its digest by another name',
    caughtBy: 'bundle-binding',
    forge: (by) => by.changed((each) => (each.messageSignature.messageDigest.algorithm = 'SHA2_512')),
  },
  {
    name: 'with the entry of another signature',
    caughtBy: 'entry-binding',
    forge: async (by) => {
      const { tlogEntries } = by.bundleOf(await by.again()).verificationMaterial;
      return by.changed((each) => (each.verificationMaterial.tlogEntries = tlogEntries));
    },
  },
  {
    name: 'with the timestamp of another signature',
    caughtBy: 'signed-time',
    forge: async (by) => {
      const other = by.bundleOf(await by.again()).verificationMaterial;
      return by.changed((each) =>
        Object.assign(each.verificationMaterial, {
          timestampVerificationData: other.timestampVerificationData,
        }),
      );
    },
  },
  {
    name: 'of an authority that nobody knows',
    caughtBy: 'signed-time',
    forge: (by) => {
      const other = new SignatureLog().bundle(by.signed, { at: BUNDLE_LOGGED }) as ChangedBundle;
      return by.changed((each) =>
        Object.assign(each.verificationMaterial, {
          timestampVerificationData: other.verificationMaterial.timestampVerificationData,
        }),
      );
    },
  },
  {
    name: 'without a timestamp',
    caughtBy: 'log-key',
    forge: (by) => by.changed((each) => delete each.verificationMaterial.timestampVerificationData),
  },
  {
    name: 'of a log that nobody knows',
    caughtBy: 'log-key',
    forge: (by) => new SignatureLog().bundle(by.signed, { at: BUNDLE_LOGGED }),
  },
  {
    name: 'with another root',
    caughtBy: 'checkpoint',
    forge: (by) =>
      by.changed((each) => {
        const [entry] = each.verificationMaterial.tlogEntries;
        if (entry?.inclusionProof) entry.inclusionProof.rootHash = Buffer.alloc(32).toString('base64');
      }),
  },
  {
    name: 'with another index',
    caughtBy: 'entry-binding',
    forge: (by) =>
      by.changed((each) => {
        const [entry] = each.verificationMaterial.tlogEntries;
        if (entry) entry.logIndex = '1';
      }),
  },
  {
    name: 'with an integrated time that nobody signed',
    caughtBy: 'inclusion-promise',
    forge: (by) =>
      by.changed(
        (each) => {
          const [entry] = each.verificationMaterial.tlogEntries;
          if (entry) entry.integratedTime = `${BUNDLE_LOGGED - 1}`;
        },
        { version: 1 },
      ),
  },
  {
    name: 'from before its signature',
    caughtBy: 'log-time',
    forge: (by) => by.bundleOf(by.signed, { at: CHART_SIGNED - DAY }),
  },
  {
    name: 'from before it, by a promise',
    caughtBy: 'log-time',
    forge: (by) => by.bundleOf(by.signed, { at: CHART_SIGNED - DAY, version: 1 }),
  },
  {
    name: 'from the future',
    caughtBy: 'log-time',
    forge: (by) => by.bundleOf(by.signed, { at: BUNDLE_LOGGED + 2 * DAY }),
  },
];
