import {spawnSync} from 'node:child_process'
import {describe, expect, test} from '@jest/globals'
import {carriedSettings, parseSettings, printSettings} from '../../src/git/settings.ts'

function listed(text: string): string {
  return spawnSync('git', ['config', '--file', '-', '--null', '--list'], {input: text}).stdout.toString()
}

describe('printSettings', () => {
  test.each([
    {given: 'quotes and backslashes', subsection: 'https://h/a"b\\c', value: 'x "y" \\z'},
    {given: 'what begins a comment', subsection: 'a;b#c', value: 'x # y ; z'},
    {given: 'spaces at the ends', subsection: ' a ', value: ' x '},
    {given: 'a line break', subsection: 'a.b', value: 'x\ny\tz'},
    {given: 'nothing', subsection: 'a', value: ''}
  ])('given $given, then git reads back what was printed', ({subsection, value}) => {
    const setting = {section: 'url', subsection, name: 'insteadof', value}
    expect(parseSettings(listed(printSettings([setting])))).toEqual([setting])
  })

  test('given settings without a subsection, then they keep their order', () => {
    const settings = [
      {section: 'credential', name: 'helper', value: ''},
      {section: 'http', subsection: 'https://h/', name: 'proxy', value: 'p'},
      {section: 'credential', name: 'helper', value: 'b'}
    ]
    expect(parseSettings(listed(printSettings(settings)))).toEqual(settings)
  })
})

describe('carriedSettings', () => {
  test.each([
    {key: 'http.proxy', value: 'http://proxy.corp:3128', trusted: true, untrusted: true},
    {key: 'http.https://git.corp/.sslcainfo', value: '/etc/corp.pem', trusted: true, untrusted: true},
    {key: 'http.https://git.corp/.sslcert', value: '/etc/machine.pem', trusted: true, untrusted: false},
    {key: 'url.https://mirror.corp/github/.insteadof', value: 'https://github.com/', trusted: true, untrusted: true},
    {key: 'url.https://octo:old@github.com/.insteadof', value: 'https://github.com/', trusted: false, untrusted: false},
    {key: 'url.git@github.com:.insteadof', value: 'https://github.com/', trusted: false, untrusted: false},
    {key: 'url.file:///srv/.insteadof', value: 'https://github.com/', trusted: false, untrusted: false},
    {key: 'http.https://github.com/.extraheader', value: 'AUTHORIZATION: x', trusted: false, untrusted: false},
    {key: 'http.sslverify', value: 'false', trusted: false, untrusted: false},
    {key: 'http.cookiefile', value: '/root/.cookies', trusted: false, untrusted: false}
  ])('given the machine says $key, then trusted code meets it: $trusted, other code: $untrusted', row => {
    const settings = parseSettings(`${row.key}\n${row.value}\0`)
    expect(carriedSettings(settings, 'with-identity')).toHaveLength(row.trusted ? 1 : 0)
    expect(carriedSettings(settings, 'without-identity')).toHaveLength(row.untrusted ? 1 : 0)
  })
})
