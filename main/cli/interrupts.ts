/** What Ctrl-C means while some work goes on. */
export interface Interrupts {
  /**
   * Runs `work`. The first interrupt during it calls the first handler, every later one the last. Resolves to whether
   * there was any.
   */
  during(handlers: readonly [() => unknown, () => unknown], work: () => Promise<void>): Promise<boolean>
}

type Source = Pick<NodeJS.Process, 'on' | 'off'>

const signals = ['SIGINT', 'SIGTERM'] as const

/** Interrupts of a process. Outside of `during` a signal ends it at once, as usual. */
export function createInterrupts(source: Source): Interrupts {
  return {
    async during([first, second], work) {
      let count = 0
      const handle = (): void => {
        count += 1
        const action = count === 1 ? first : second
        void Promise.resolve()
          .then(action)
          // The work may have ended at this very moment, or be ending already: then there is nothing left to stop.
          .catch(() => undefined)
      }
      for (const signal of signals) source.on(signal, handle)
      try {
        await work()
      } finally {
        for (const signal of signals) source.off(signal, handle)
      }
      return count > 0
    },
  }
}
