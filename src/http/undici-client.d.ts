// The file that `undici` has its class from; undici gives types for the class, not for the file.
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}
