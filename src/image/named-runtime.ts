/** The name under which a Dockerfile finds the runtime that this action lays: `FROM runtime`. */
export const RUNTIME_CONTEXT = 'runtime'

/** Whether a stage or a named context of the user's own bears that name: they mean that one then. */
export function isRuntimeTaken(names: readonly (string | undefined)[]): boolean {
  return names.some(name => name?.toLowerCase() === RUNTIME_CONTEXT)
}
