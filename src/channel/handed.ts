/**
 * What threads hand over beside the bytes: memory that both share from then on, and message ports, which the sender has no more. A value
 * refers to it by a number. What is handed over comes before the value, and waits until that is read or its task is over.
 */
export interface Handed {
  /**
   * To the other side. Has to be called before the value is sent that refers to it.
   *
   * @throws DataCloneError when a port among it was given away before
   */
  give(task: number, parcel: Parcel): void;
  /**
   * What came from the other side.
   *
   * @throws RangeError when nothing of this number did
   */
  take(number: number): readonly object[];
  /** The task is over, and nobody will ask. */
  forget(task: number): void;
}

/** What belongs to one value. */
export interface Parcel {
  readonly number: number;
  /** SharedArrayBuffers and MessagePorts. */
  readonly objects: readonly object[];
}
