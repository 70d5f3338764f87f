import {readdirSync, readFileSync} from 'node:fs'

/** This version, as package.json has it. */
const {version} = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {version: string}

/**
 * A workflow with this action, or a workflow of its own, named in this very version.
 *
 * `./` would be the caller's checkout, and a commit cannot name itself; releases are immutable, so a full version can. Where
 * the user puts a commit, the comment behind it tells the version.
 */
export function printWorkflow(page: string): string {
  return page
    .replaceAll(/(uses: [\w-]+\/pytorch-cuda-image-action\S*)@v[\d.]+$/gm, `$1@v${version}`)
    .replaceAll(/((?:pytorch-cuda-image-action@|ref: )0{40} # )v[\d.]+$/gm, `$1v${version}`)
}

/** Every example that is a workflow, by its path in the repository. */
export function exampleWorkflows(): readonly string[] {
  const names = readdirSync(new URL('../../examples/', import.meta.url))
  return names.filter(name => name.endsWith('.yml')).map(name => `examples/${name}`)
}
