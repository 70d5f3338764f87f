/** The seconds that the last line of a step tells, `prove: … in 44.5 s`; undefined where it was not reached. */
export function secondsInLog(log: string, step: string): number | undefined {
  const [, seconds] = new RegExp(`^${step}: .* in ([0-9.]+) s$`, 'm').exec(log) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}
