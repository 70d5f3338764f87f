import {printManifest} from './action-manifest.ts'
import {printAdviceRules, printAdviceTable} from './advice-page.ts'
import {printCauses, printFindings} from './diagnosis-page.ts'
import {printDenials, printKinds, printRegistries} from './identity-page.ts'
import {printInputs, printOutputs, printShortInputs} from './input-pages.ts'
import {printIsolation, printOptIns, printOrigins, printPolicy, printReasons} from './policy-page.ts'
import {filled} from './tables.ts'
import {printValidatorConfig} from './validator-config.ts'
import {printCudas, printGpus, printKernels, printLibraries, printReleases, printSources} from './versions-page.ts'
import {exampleWorkflows, printWorkflow} from './workflow-pages.ts'

/** A page that is printed in whole or in part: `print` gets what stands there now. */
export interface Page {
  readonly path: string
  readonly print: (current: string) => string
}

/** Every printed page, by its path in the repository. */
export const PAGES: readonly Page[] = [
  {path: 'action.yml', print: printManifest},
  {path: 'README.md', print: page => filled(filled(page, 'inputs', printShortInputs()), 'outputs', printOutputs())},
  {path: 'docs/inputs.md', print: page => filled(filled(page, 'inputs', printInputs()), 'outputs', printOutputs())},
  {
    path: 'docs/dockerfile-advice.md',
    print: page => filled(filled(page, 'table', printAdviceTable()), 'rules', printAdviceRules())
  },
  {
    path: 'docs/identity.md',
    print: page =>
      filled(filled(filled(page, 'kinds', printKinds()), 'causes', printDenials()), 'registries', printRegistries())
  },
  {
    path: 'docs/policy.md',
    print: page => {
      const parts = {
        origins: printOrigins(),
        policy: printPolicy(),
        'opt-ins': printOptIns(),
        reasons: printReasons(),
        isolation: printIsolation()
      }
      return Object.entries(parts).reduce((filling, [name, content]) => filled(filling, name, content), page)
    }
  },
  {
    path: 'docs/gpu-diagnosis.md',
    print: page => filled(filled(page, 'causes', printCauses()), 'findings', printFindings())
  },
  {
    path: 'docs/versions.md',
    print: page =>
      [
        {name: 'releases', content: printReleases()},
        {name: 'cudas', content: printCudas()},
        {name: 'kernels', content: printKernels()},
        {name: 'libraries', content: printLibraries()},
        {name: 'gpus', content: printGpus()},
        {name: 'sources', content: printSources()}
      ].reduce((so, {name, content}) => filled(so, name, content), page)
  },
  {path: '.github/workflows/build-image.yml', print: printWorkflow},
  {path: '.github/workflows/publish-image.yml', print: printWorkflow},
  ...exampleWorkflows().map(path => ({path, print: printWorkflow})),
  {path: 'deploy/kubernetes/validate/validator.yaml', print: printValidatorConfig}
]
