import {describe, expect, test} from '@jest/globals'
import {isOnHostNetwork, parseBuilders, parseInspected} from '../../src/facts/builders.ts'

const TABLE = `NAME/NODE       DRIVER/ENDPOINT                   STATUS    BUILDKIT         PLATFORMS
builder-1*      docker-container
 \\_ builder-10   \\_ unix:///var/run/docker.sock   running   v0.25.2          linux/amd64
default         docker
 \\_ default      \\_ default                       running   v0.0.0+unknown   linux/amd64
broken                                            error
`

const OLD_TABLE = `NAME/NODE    DRIVER/ENDPOINT             STATUS  BUILDKIT PLATFORMS
mine         docker-container
  mine0      unix:///var/run/docker.sock running v0.11.6  linux/amd64
default *    docker
  default    default                     running 20.10.24 linux/amd64
`

const NODE = {Name: 'mine0', Endpoint: 'unix:///var/run/docker.sock', Status: 'running', Version: 'v0.25.2'}

const INSPECTED = `Name:          mine
Driver:        docker-container
Last Activity: 2026-11-21 05:17:23 +0000 UTC

Nodes:
Name:                  mine0
Endpoint:              unix:///var/run/docker.sock
Driver Options:        image="moby/buildkit:v0.25.2" network="host"
Status:                running
`

describe('what buildx lists', () => {
  test('one object per line, where a builder may stand twice and a broken one has no driver', () => {
    const lines = [
      {Name: 'mine', Driver: 'docker-container', Nodes: [NODE]},
      {Name: 'mine', Driver: 'docker-container', Nodes: [NODE]},
      {Name: 'default', Driver: 'docker', Current: true, Nodes: [{Endpoint: 'default', Version: 'v0.0.0+unknown'}]},
      {Name: 'broken', Driver: '', Nodes: null}
    ]
    expect(parseBuilders(lines.map(line => JSON.stringify(line)).join('\n'), undefined)).toEqual([
      {
        name: 'mine',
        driver: 'docker-container',
        isCurrent: false,
        endpoints: ['unix:///var/run/docker.sock'],
        buildkit: '0.25.2'
      },
      {name: 'default', driver: 'docker', isCurrent: true, endpoints: ['default']}
    ])
  })

  test('where the list does not say which is current, the inspected one is', () => {
    const line = JSON.stringify({Name: 'mine', Driver: 'remote', Nodes: []})
    expect(parseBuilders(line, 'mine')[0]?.isCurrent).toBe(true)
  })

  test.each([
    {
      given: 'a table',
      text: TABLE,
      current: 'builder-1',
      names: ['builder-1 docker-container 0.25.2', 'default docker -']
    },
    {
      given: 'an older table',
      text: OLD_TABLE,
      current: 'default',
      names: ['mine docker-container 0.11.6', 'default docker 20.10.24']
    }
  ])('$given', ({text, current, names}) => {
    const builders = parseBuilders(text, undefined)
    expect(builders.map(({name, driver, buildkit = '-'}) => `${name} ${driver} ${buildkit}`)).toEqual(names)
    expect(builders.filter(({isCurrent}) => isCurrent).map(({name}) => name)).toEqual([current])
  })

  test.each(['', 'no such command', '{"half', '[]'])('%j lists nothing', text => {
    expect(parseBuilders(text, undefined)).toEqual([])
  })
})

describe('what buildx tells of one builder', () => {
  test('its name', () => {
    expect(parseInspected(INSPECTED)).toEqual({name: 'mine'})
    expect(parseInspected('ERROR: no builder')).toEqual({})
  })

  test.each([
    {given: 'one node on the host’s network', text: INSPECTED, then: true},
    {given: 'one node elsewhere', text: INSPECTED.replace(' network="host"', ''), then: false},
    {
      given: 'two nodes, one elsewhere',
      text: `${INSPECTED}\nName: mine1\nEndpoint: tcp://other:2375\nDriver Options: image="x"\n`,
      then: false
    },
    {given: 'nothing', text: '', then: false}
  ])('$given: $then', ({text, then}) => {
    expect(isOnHostNetwork(text)).toBe(then)
  })
})
