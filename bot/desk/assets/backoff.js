// Waiting between attempts: 1, 2, 4 … 30 seconds, a little spread so that not everybody knocks at once.

export function delayOf(attempt) {
  const seconds = Math.min(30, 2 ** Math.min(attempt, 5));
  return seconds * 1_000 * (0.85 + 0.3 * Math.random());
}

/** A wait that can be cut short. */
export class Pause {
  #end = null;

  for(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  end() {
    this.#end?.();
  }
}
