import {AsyncLocalStorage} from 'node:async_hooks'

const BEGINS = /^info (\w+): begins$/

/** The step that begins with a deed. */
export function begunWith(deed: string): string | undefined {
  return BEGINS.exec(deed)?.[1]
}

/** Notes from now on in which step each deed is done: some steps go beside each other, so the order does not tell. */
export function noteSteps(deeds: string[]): readonly (string | undefined)[] {
  const current = new AsyncLocalStorage<string>()
  const steps: (string | undefined)[] = deeds.map(() => undefined)
  const push = deeds.push.bind(deeds)
  deeds.push = (...added) => {
    for (const deed of added) {
      const begun = begunWith(deed)
      if (begun !== undefined) current.enterWith(begun)
      steps.push(current.getStore())
    }
    return push(...added)
  }
  return steps
}
