import {stepOf} from '../model/plan.ts'
import type {Report} from '../model/report.ts'
import {isPushed, primaryImage} from './ending.ts'

/** The name in manifests that stands for the image: `image: app`. */
const PLACEHOLDER = 'app'

/**
 * A component of kustomize that puts the published digest wherever manifests say `image: app`.
 *
 * Undefined where no tag points to what this run made: what is not published is not deployed.
 */
export function overlayOf(report: Report): string | undefined {
  const {products, plan} = report.outcome
  if (!isPushed(report) || products.digest === undefined) return undefined
  const {revision} = stepOf(plan, 'promote').work
  return `# Written by pytorch-cuda-image-action for the commit ${revision}.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images:
  - name: ${PLACEHOLDER}
    newName: ${JSON.stringify(primaryImage(report))}
    digest: ${JSON.stringify(products.digest)}
`
}
