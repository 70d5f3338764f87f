import {INPUTS} from '../../src/facts/inputs.ts'
import {OUTPUTS} from '../../src/report/outputs.ts'

const HEAD = `# Printed by \`npm run docs\` from INPUTS (src/facts/inputs.ts) and OUTPUTS (src/report/outputs.ts).
name: PyTorch CUDA image
description: >-
  Builds a PyTorch and CUDA image with private submodules, pushes it where the event may push, and says why where it may not.
author: The authors of pytorch-cuda-image-action
branding:
  icon: layers
  color: orange
`

const RUNS = `runs:
  using: node24
  main: dist/main/index.js
  post: dist/post/index.js
`

/** `action.yml`, whole. */
export function printManifest(): string {
  const inputs = INPUTS.map(
    ({name, description, default: usual}) =>
      `  ${name}:\n    description: ${quoted(description)}\n    required: false\n    default: ${quoted(usual)}\n`
  )
  const outputs = Object.entries(OUTPUTS).map(
    ([name, {description}]) => `  ${name}:\n    description: ${quoted(description)}\n`
  )
  return `${HEAD}inputs:\n${inputs.join('')}outputs:\n${outputs.join('')}${RUNS}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
