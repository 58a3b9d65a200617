/** A bound on the memory for all clients' bytes together. What exceeds it is refused, and does not wait. */
export class Room {
  private free: number;

  /** @param size in bytes */
  constructor(size: number) {
    this.free = size;
  }

  /** Takes so many bytes, or says that there is no room for them. */
  take(bytes: number): boolean {
    if (bytes > this.free) return false;
    this.free -= bytes;
    return true;
  }

  /** Gives bytes back. */
  giveBack(bytes: number): void {
    this.free += bytes;
  }
}
