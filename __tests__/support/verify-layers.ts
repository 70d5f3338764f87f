import {expect} from '@jest/globals'
import {attempt} from '../../scripts/world/command.ts'
import {ACTION} from './built-action.ts'
import {ROBOT} from './job-world.ts'
import type {RuntimeStage} from './runtime-stage.ts'

/** `npm run local -- verify-layers` for a repository of a stage, with the wheels of its index and of PyPI. */
export async function verifyLayers(
  repository: string,
  {world, index}: Pick<RuntimeStage, 'world' | 'index'>
): Promise<{readonly exitCode: number; readonly said: string}> {
  const argv = ['scripts/local.ts', 'verify-layers', `${world.registry.host}/${repository}`]
  const indexes = [index.url, 'https://pypi.org/simple']
  const options = ['--user', ROBOT.name, '--token-env', 'ROBOT', ...indexes.flatMap(one => ['--index', one])]
  const env = {...process.env, ROBOT: ROBOT.password}
  const ran = await attempt([process.execPath, ...argv, ...options], {env, cwd: ACTION})
  expect(ran.stdout + ran.stderr).not.toContain(ROBOT.password)
  return {exitCode: ran.exitCode, said: ran.stdout + ran.stderr}
}
