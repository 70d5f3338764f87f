import type {Origin} from '../model/event.ts'

/** Each origin in words that complete "This run comes from …". */
export const ORIGIN_TEXTS: Readonly<Record<Origin, string>> = {
  'own-branch': 'a push to a branch of this repository',
  'own-tag': 'a push of a tag to this repository',
  'deleted-branch': 'the deletion of a branch',
  'own-pull-request': 'a pull request from a branch of this repository',
  'fork-pull-request': 'a pull request from a fork',
  dependabot: 'Dependabot',
  'pull-request-target': 'pull_request_target, a privileged event that anyone can cause',
  'workflow-run': 'another workflow of this repository',
  'foreign-workflow-run': "another workflow that ran for someone else's code",
  dispatch: 'a person who started the workflow by hand',
  schedule: 'the schedule',
  release: 'a release',
  'merge-queue': 'the merge queue',
  'repository-dispatch': 'a call of the repository_dispatch API',
  comment: 'a comment',
  bystander: 'an event that says nothing about the code',
  unknown: 'an event that could not be recognised'
}
