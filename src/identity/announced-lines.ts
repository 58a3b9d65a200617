import type { Announcement } from './sign-by-identity.ts';

const KINDS = { email: 'the e-mail address', workflow: 'the workflow', subject: 'the subject' } as const;

/** What a user is told before anything is sent: who will be named, by whom, what else becomes public, and where. */
export function announcedLines(announcement: Announcement): string[] {
  const { kind, identity, issuer, details, isPrivate, authority, log, timestamps } = announcement;
  const more = Object.entries(details)
    .filter(([, value]) => value !== identity)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`);
  return [
    `signs as ${KINDS[kind]} ${identity}, for which ${issuer} vouches`,
    `this becomes public, for ever: that name${more.length > 0 ? `; ${more.join(', ')}` : ''}`,
    ...(isPrivate ? ['the repository is not public; its name and that of the workflow become so'] : []),
    `asks ${[authority, log, ...timestamps].map(({ url }) => url).join(', ')}`,
  ];
}
