import type {Host} from '../host/host.ts'
import {tokenShapeIn} from '../image/token-shapes.ts'

/**
 * Variables of the runner and of common actions that hold credentials.
 *
 * Sources: actions/runner `NodeScriptActionHandler.cs`; the documentation of the GitHub, AWS, Azure and Google actions.
 */
const CREDENTIALS = [
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'GH_ENTERPRISE_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AZURE_CLIENT_SECRET',
  'GOOGLE_OAUTH_ACCESS_TOKEN',
  'CLOUDSDK_AUTH_ACCESS_TOKEN',
  'HF_TOKEN',
  'WANDB_API_KEY',
  'UV_PUBLISH_TOKEN',
  'TWINE_PASSWORD',
  'NODE_AUTH_TOKEN'
]

/** Keeps credentials that lie in the environment, so that they are recognised wherever they turn up. */
export function keepKnownSecrets(host: Host): void {
  for (const [name, value = ''] of Object.entries(host.env)) {
    if (value === '') continue
    if (CREDENTIALS.includes(name) || tokenShapeIn(value) !== undefined) host.secrets.keep(`environment ${name}`, value)
  }
}
