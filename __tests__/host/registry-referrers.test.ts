import {afterEach, describe, expect, test} from '@jest/globals'
import {digestOf} from '../../src/host/digest.ts'
import type {Attachment, Referrer} from '../../src/host/host.ts'
import {registryClient} from '../../src/host/registry.ts'
import {imageAt, openTestSession, QUICK} from './registry-fixture.ts'
import {type Reply, type Seen, scriptServer} from './scripted-server.ts'

const SUBJECT = digestOf(Buffer.from('the manifest of an image'))
const TAG = SUBJECT.replace(':', '-')
const PROOF = 'application/vnd.acme.proof.v1+json'
const EMPTY = {mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(Buffer.from('{}')), size: 2}

const signature: Referrer = {
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: digestOf(Buffer.from('a signature')),
  size: 11,
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json'
}
const attachment: Attachment = {
  subject: {mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: SUBJECT, size: 24},
  artifactType: PROOF,
  config: EMPTY,
  layers: [EMPTY],
  annotations: {'dev.acme.key': 'k1'}
}

const opened: {close(): unknown}[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

/** A registry that keeps manifests, and a list of what is attached only where it `lists`. */
async function openRegistry({lists, before = []}: {lists: boolean; before?: readonly Referrer[]}) {
  const manifests = new Map<string, string>()
  if (before.length > 0) manifests.set(TAG, indexOf(before))
  const attached: Referrer[] = []
  const answer = ({method, path, body}: Seen): Reply => {
    const [, kind, reference = ''] = /^\/v2\/acme\/app\/(manifests|referrers)\/([^?]+)/.exec(path) ?? []
    if (kind === 'referrers') return lists ? {status: 200, body: indexOf(attached)} : {status: 404}
    if (method === 'GET') {
      const found = manifests.get(reference)
      return found === undefined ? {status: 404} : {status: 200, body: found}
    }
    manifests.set(reference, String(body))
    const {subject, artifactType, annotations} = JSON.parse(String(body)) as Attachment
    if (!lists || subject === undefined) return {status: 201}
    attached.push({mediaType: '', digest: digestOf(Buffer.from(String(body))), size: 1, artifactType, annotations})
    return {status: 201, headers: {'oci-subject': subject.digest}}
  }
  const server = await scriptServer(answer)
  const fixture = openTestSession()
  opened.push(server, fixture)
  const client = registryClient(fixture.session, {asking: QUICK, working: QUICK})
  return {client, image: imageAt(server.host), server, manifests}
}

function indexOf(manifests: readonly Referrer[]): string {
  return JSON.stringify({schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests})
}

const asked = {subject: SUBJECT, artifactType: PROOF}

describe('what is attached to a digest', () => {
  test.each([{lists: true}, {lists: false}])('is found again (the registry keeps a list: $lists)', async ({lists}) => {
    const {client, image} = await openRegistry({lists})
    expect(await client.listReferrers(image, asked, null)).toEqual([])
    const digest = await client.attach(image, attachment, null)
    expect(await client.listReferrers(image, asked, null)).toEqual([
      expect.objectContaining({digest, annotations: {'dev.acme.key': 'k1'}})
    ])
    expect(await client.listReferrers(image, {...asked, artifactType: 'application/other'}, null)).toEqual([])
  })

  test('a registry that keeps a list gets no tag', async () => {
    const {client, image, manifests} = await openRegistry({lists: true})
    await client.attach(image, attachment, null)
    expect([...manifests.keys()].filter(name => !name.includes(':'))).toEqual([])
  })

  test('a registry without a list is asked once where the tag says it', async () => {
    const {client, image, server} = await openRegistry({lists: false})
    await client.attach(image, attachment, null)
    const before = server.lines().length
    await client.listReferrers(image, asked, null)
    expect(server.lines().slice(before)).toEqual([`GET /v2/acme/app/manifests/${TAG}`])
  })

  test('what others attached stays under the tag, and the same thing is listed once', async () => {
    const {client, image, manifests} = await openRegistry({lists: false, before: [signature]})
    const digest = await client.attach(image, attachment, null)
    await client.attach(image, attachment, null)
    const listed = (JSON.parse(manifests.get(TAG) ?? '{}') as {manifests: readonly Referrer[]}).manifests
    expect(listed.map(entry => entry.digest)).toEqual([signature.digest, digest])
    expect(JSON.parse(manifests.get(digest) ?? '{}')).toMatchObject({subject: {digest: SUBJECT}, artifactType: PROOF})
  })

  test('a tag that is no list counts as none', async () => {
    const {client, image, manifests} = await openRegistry({lists: false})
    manifests.set(TAG, '{"manifests": [1, {"digest": 2}]}')
    expect(await client.listReferrers(image, asked, null)).toEqual([])
  })
})
