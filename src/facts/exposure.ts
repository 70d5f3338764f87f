import {tokenShapeIn} from '../image/token-shapes.ts'

/** A kind of file that may hold credentials, and what in it says that it does. */
export interface ExposureRule {
  readonly holds: string
  /** Of the path in the context. */
  readonly path: RegExp
  readonly isGiven: (text: string) => boolean
  /** One file that it must catch, and one that looks alike and must pass. */
  readonly examples: {
    readonly caught: {readonly path: string; readonly text: string}
    readonly passed: {readonly path: string; readonly text: string}
  }
}

const PRIVATE_KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n'
const URL_WITH_PASSWORD = /[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:[^\s/@$]+@/i

/** Files that people send with a build context without knowing it. Paths are below the context, with `/`. */
export const EXPOSURE_RULES: readonly ExposureRule[] = [
  {
    holds: 'a token that a checkout left behind',
    path: /(?:^|\/)\.git\/(?:.+\/)?config(?:\.worktree)?$/,
    isGiven: text => /^\s*extraheader\s*=\s*"?authorization\b/im.test(text) || hasLogin(text),
    examples: {
      caught: {path: '.git/config', text: '[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic eA==\n'},
      // actions/checkout from v6 keeps the token elsewhere and only names the file.
      passed: {path: '.git/config', text: '[includeIf "gitdir:/w/.git"]\n\tpath = /t/git-credentials-1.config\n'}
    }
  },
  {
    holds: 'git passwords',
    path: /(?:^|\/)\.git-credentials$|(?:^|\/)git-credentials-[^/]+\.config$/,
    isGiven: text => /:\/\/[^\s/@]+@/.test(text) || /extraheader/i.test(text),
    examples: {
      caught: {path: 'home/.git-credentials', text: 'https://octo:secret@github.com\n'},
      passed: {path: 'home/.git-credentials', text: ''}
    }
  },
  {
    holds: 'logins for HTTP',
    path: /(?:^|\/)[._]netrc$/,
    isGiven: text => /\bpassword\s+\S/.test(text),
    examples: {
      caught: {path: '.netrc', text: 'machine pypi.acme.test login ci password s3cr3t\n'},
      passed: {path: '.netrc', text: '# no machines yet\n'}
    }
  },
  {
    holds: 'registry logins',
    path: /(?:^|\/)(?:\.docker\/config\.json|\.dockercfg|\.config\/containers\/auth\.json)$/,
    isGiven: text => /"(?:auth|identitytoken|registrytoken)"\s*:\s*"[^"]+"/.test(text),
    examples: {
      caught: {path: '.docker/config.json', text: '{"auths": {"ghcr.io": {"auth": "eDp5"}}}'},
      passed: {path: '.docker/config.json', text: '{"credsStore": "desktop", "auths": {"ghcr.io": {}}}'}
    }
  },
  {
    holds: 'a private SSH key',
    path: /(?:^|\/)id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/,
    isGiven: text => /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text),
    examples: {
      caught: {path: 'deploy/id_ed25519', text: PRIVATE_KEY},
      passed: {path: 'deploy/id_ed25519', text: 'put the key here\n'}
    }
  },
  {
    holds: 'credentials of google-github-actions/auth',
    path: /(?:^|\/)gha-creds-[^/]+\.json$/,
    isGiven: text => text.trim() !== '',
    examples: {
      caught: {path: 'gha-creds-1a2b.json', text: '{"type": "external_account"}'},
      passed: {path: 'gha-creds-1a2b.json', text: ''}
    }
  },
  {
    holds: 'a login for a package index',
    path: /(?:^|\/)(?:pip\.(?:conf|ini)|uv\.toml|poetry\.toml|requirements[^/]*\.txt)$/,
    isGiven: hasLogin,
    examples: {
      caught: {path: 'pip.conf', text: '[global]\nindex-url = https://ci:s3cr3t@pypi.acme.test/simple\n'},
      passed: {path: 'pip.conf', text: '[global]\nindex-url = https://${USER}:${PASS}@pypi.acme.test/simple\n'}
    }
  },
  {
    holds: 'a login for a package index',
    path: /(?:^|\/)\.pypirc$/,
    isGiven: text => /^\s*password\s*[:=]\s*\S/m.test(text),
    examples: {
      caught: {path: '.pypirc', text: '[pypi]\nusername = __token__\npassword = pypi-AgE\n'},
      passed: {path: '.pypirc', text: '[pypi]\nrepository = https://upload.pypi.org/legacy/\n'}
    }
  },
  {
    holds: 'a login for an npm registry',
    path: /(?:^|\/)\.npmrc$/,
    isGiven: text => /_(?:authToken|auth|password)\s*=\s*(?!\$\{)\S/.test(text),
    examples: {
      caught: {path: '.npmrc', text: '//registry.npmjs.org/:_authToken=npm_abc\n'},
      passed: {path: '.npmrc', text: '//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n'}
    }
  },
  {
    holds: 'AWS keys',
    path: /(?:^|\/)\.aws\/credentials$/,
    isGiven: text => /aws_secret_access_key\s*=\s*\S/.test(text),
    examples: {
      caught: {path: '.aws/credentials', text: '[default]\naws_secret_access_key = abcdef\n'},
      passed: {path: '.aws/credentials', text: '[default]\nregion = eu-central-1\n'}
    }
  },
  {
    holds: 'a token',
    path: /(?:^|\/)\.env(?:\.[^/]+)?$/,
    isGiven: text => tokenShapeIn(text) !== undefined,
    examples: {
      caught: {path: '.env', text: `HF_HOME=/data\nGITHUB_TOKEN=ghp_${'x'.repeat(36)}\n`},
      passed: {path: '.env.example', text: 'GITHUB_TOKEN=\n'}
    }
  }
]

/** What credentials a file holds, by the first rule that catches it; the text is only fetched where a rule may apply. */
export async function exposureOf(path: string, read: () => Promise<string | undefined>): Promise<string | undefined> {
  const rules = EXPOSURE_RULES.filter(rule => rule.path.test(path))
  if (rules.length === 0) return undefined
  const text = (await read()) ?? ''
  return rules.find(rule => rule.isGiven(text))?.holds
}

/** A URL with a password in it, or with a token in a user's place. */
function hasLogin(text: string): boolean {
  return URL_WITH_PASSWORD.test(text) || tokenShapeIn(text) !== undefined
}
