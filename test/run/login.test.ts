import { expect, test } from 'vitest';
import { loginFor } from '../../src/run/login.ts';

test.each([
  ['oci://Registry.Example:443/charts/hello:0.1.0', 'registry.example'],
  ['oci://registry.example:5000/charts/hello', 'registry.example:5000'],
  ['https://Charts.Example:443/stable', 'https://charts.example'],
  ['http://127.0.0.1:8080/hello-0.1.0.tgz', 'http://127.0.0.1:8080'],
  ['acme/hello', ''],
])('a login for %s is for %s alone', (named, place) => {
  const given = { username: 'reader', password: 'word' };
  expect(loginFor(named, given, false)).toEqual({ ...given, place, passesToAll: false });
});
