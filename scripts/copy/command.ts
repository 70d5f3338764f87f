import {Refusal} from '../../src/host/registry-token.ts'
import {NoAnswer} from '../../src/host/registry-transport.ts'
import {imageText} from '../../src/image/reference.ts'
import {registryOf} from '../../src/image/registries.ts'
import {openConversation} from '../registry-client.ts'
import {copyTags, type TagCopied} from './copy.ts'
import {copyHelp, parseCopy} from './options.ts'

const CANCELLED_EXIT = 130

/** `npm run local -- copy FROM TO`. Gives the exit code. */
export async function copyCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>
): Promise<number> {
  const request = parseCopy(words, environment)
  if (request === undefined) {
    process.stdout.write(copyHelp())
    return 0
  }
  const conversation = openConversation(environment)
  const {registry, session, cancelled, say} = conversation
  const [from, to] = [conversation.placeOf(request.from), conversation.placeOf(request.to)]
  try {
    const answer = await registry.probePush(to.image, to.credential)
    if (answer.result === 'denied') {
      say(`${imageText(to.image)} will not accept a push: HTTP ${answer.status}: ${answer.evidence}`)
      say(`Give the login ${registryOf(to.image.registry).grant(to.image)}.`)
      return 1
    }
    const {tags, moves} = request
    const copied = await copyTags({from, to, session, registry, moves, say, ...(tags === undefined ? {} : {tags})})
    if (cancelled.aborted) return CANCELLED_EXIT
    return tell(copied, say)
  } catch (thrown) {
    if (!(thrown instanceof Refusal || thrown instanceof NoAnswer)) throw thrown
    say(`${imageText(from.image)} cannot be read: ${thrown.message}`)
    return cancelled.aborted ? CANCELLED_EXIT : 1
  } finally {
    conversation.close()
  }
}

function tell(copied: readonly TagCopied[], say: (line: string) => void): number {
  if (copied.length === 0) {
    say('There is no tag to copy: the repository is empty, absent, or hidden from this login.')
    return 1
  }
  const failed = copied.filter(({state}) => state === 'failed')
  const count = (state: TagCopied['state']) => copied.filter(one => one.state === state).length
  const same = copied.length - failed.length
  say(`${count('copied')} copied, ${count('there already')} there already, ${failed.length} failed.`)
  say(`${same} of ${copied.length} tags stand on the same digest on both sides.`)
  return failed.length === 0 ? 0 : 1
}
