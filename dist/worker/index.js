import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
var __webpack_exports__ = {};

;// CONCATENATED MODULE: external "node:worker_threads"
const external_node_worker_threads_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:worker_threads");
;// CONCATENATED MODULE: ./build/model/problem.js
/**
 * Every way in which a run can be stopped, by code.
 *
 * Each code has an anchor of the same name in `docs/troubleshooting.md`; a test compares the two lists.
 */
const PROBLEM_CODES = (/* unused pure expression or super */ null && ([
    'input-unknown',
    'input-invalid',
    'input-conflict',
    'no-such-set',
    'event-unreadable',
    'runner-unsupported',
    'workspace-missing',
    'engine-missing',
    'engine-too-old',
    'builder-unsuitable',
    'builder-failed',
    'dockerfile-missing',
    'dockerfile-invalid',
    'context-missing',
    'context-holds-credential',
    'secret-missing',
    'secret-in-build-arg',
    'secret-in-dockerfile',
    'submodule-unreadable',
    'submodule-url-refused',
    'submodule-config-invalid',
    'repository-unreadable',
    'ssh-key-refused',
    'host-key-changed',
    'github-app-refused',
    'push-forbidden',
    'push-denied',
    'registry-unreachable',
    'registry-refused',
    'digest-mismatch',
    'tag-immutable',
    'disk-full',
    'disk-too-small',
    'image-too-large',
    'emulation-missing',
    'engine-lost',
    'build-failed',
    'timeout',
    'cancelled',
    'download-failed',
    'lock-invalid',
    'wheel-invalid',
    'wheel-mismatch',
    'wheels-clash',
    'torch-is-cpu-build',
    'torch-not-as-asked',
    'gpu-without-kernels',
    'cuda-library-double',
    'cuda-library-foreign',
    'runtime-unavailable',
    'requirement-broken',
    'torchvision-mismatched',
    'numpy-too-new',
    'proof-failed',
    'gpu-missing',
    'gpu-cluster',
    'gpu-failed',
    'gpu-report-missing',
    'gpu-report-unreadable',
    'gpu-report-changed',
    'gpu-report-mismatch',
    'gpu-report-failed',
    'gpu-report-stale',
    'extension-unknown',
    'lock-unfit',
    'lock-conflict',
    'lock-failed',
    'index-ambiguous',
    'index-unauthorized'
]));
/** Something the user can mend that stops the run. Anything else that is thrown is a bug of ours. */
class problem_Problem extends Error {
    code;
    what;
    why;
    fix;
    evidence;
    constructor(code, explanation, options) {
        super(`${explanation.what} ${explanation.why} ${explanation.fix}`, options);
        this.name = 'Problem';
        this.code = code;
        this.what = explanation.what;
        this.why = explanation.why;
        this.fix = explanation.fix;
        this.evidence = explanation.evidence ?? [];
    }
}
/** Several problems found together, so that nobody has to mend inputs one run at a time. */
class Problems extends Error {
    problems;
    constructor(problems) {
        super(problems.map(problem => problem.message).join('\n'));
        this.name = 'Problems';
        this.problems = problems;
    }
}
/** What the system says when nothing more can be written: a full disk, or a user's share of it. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);
/** Whether a thrown value says that nothing more can be written. */
function isDiskFull(thrown) {
    return Error.isError(thrown) && 'code' in thrown && FULL.has(thrown.code);
}
/** The problems that a thrown value carries, or none when it is a bug of ours. */
function problemsOf(thrown) {
    if (thrown instanceof Problems)
        return thrown.problems;
    if (thrown instanceof problem_Problem)
        return [thrown];
    return isDiskFull(thrown) ? [diskFull(thrown)] : [];
}
function diskFull(error) {
    return new problem_Problem('disk-full', {
        what: 'The disk of this machine is full.',
        why: 'The action could not write a file that it needs.',
        fix: 'Free some space before this step, or use a runner with a larger disk.',
        evidence: [error.message]
    }, { cause: error });
}

;// CONCATENATED MODULE: ./build/host/layer-messages.js
/** How many pieces of one layer may be on their way before the worker waits. */
const PIECES_AHEAD = 4;

;// CONCATENATED MODULE: external "node:http"
const external_node_http_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:http");
;// CONCATENATED MODULE: external "node:https"
const external_node_https_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:https");
;// CONCATENATED MODULE: external "node:stream"
const external_node_stream_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream");
;// CONCATENATED MODULE: external "node:stream/promises"
const promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream/promises");
;// CONCATENATED MODULE: external "node:util"
const external_node_util_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:util");
;// CONCATENATED MODULE: ./build/host/memory.js

/** Frees memory that is handed from thread to thread, now instead of at some collection. Nobody may use it after. */
function free(piece) {
    // Not `instanceof`: memory may come from another realm.
    if (external_node_util_namespaceObject.types.isArrayBuffer(piece.buffer))
        piece.buffer.transfer(0);
}
/** Frees what has memory of its own; small things share theirs. */
function freeIfAlone(piece) {
    if (piece.byteLength === piece.buffer.byteLength)
        free(piece);
}
/**
 * Frees what a compressor handed out, now instead of at some collection, where it is the last piece of its memory.
 *
 * Node's compressors fill a piece of memory, hand it out part by part, and take a new one when it is full. So nobody
 * writes or reads there any more. Left to the collector, eight gigabytes of them a build keep it busy for a tenth of all
 * time, and hold 64 MB for each thread.
 */
function freeIfLast(chunk) {
    if (chunk.byteOffset + chunk.byteLength === chunk.buffer.byteLength)
        free(chunk);
}
const watched = new WeakSet();
/**
 * Frees what comes over a connection of Node's HTTP client when its parser is done with it: of a body it hands out copies.
 *
 * Left to the collector, both hold 64 MB before it looks, and it looks some thirty times a gigabyte.
 */
function freeOnceParsed(connection) {
    if (watched.has(connection))
        return;
    watched.add(connection);
    // After everyone who listens, whatever their order.
    connection.on('data', (chunk) => queueMicrotask(() => freeIfAlone(chunk)));
}

;// CONCATENATED MODULE: ./build/host/flow.js


/** The other side owed us bytes, or room for bytes, and gave none for too long. */
class Stalled extends Error {
    constructor(limitMs) {
        super(`nothing moved for ${limitMs / 1000} s`);
        this.name = 'Stalled';
    }
}
/**
 * Passes bytes on as fast as the slower side takes them; ends neither stream.
 *
 * Throws `Stalled` for the side whose limit ran out, and what the streams throw. `from` stays usable, so that an
 * answer can still be sent over its connection.
 */
async function pump(from, to, { readMs, writeMs, onBytes, onSent }) {
    for await (const chunk of chunksOf(from, readMs)) {
        if (to.destroyed)
            throw new Error('the receiving side is gone');
        onBytes?.(chunk.length);
        const hasRoom = to.write(chunk, thrown => {
            if (!thrown)
                onSent?.(chunk);
        });
        if (!hasRoom)
            await roomIn(to, writeMs);
    }
}
/** The chunks of a stream; throws `Stalled` when the next one does not come in time. */
async function* chunksOf(from, limitMs) {
    const chunks = from.iterator({ destroyOnReturn: false });
    try {
        for (;;) {
            const next = await within(chunks.next(), limitMs);
            if (next.done === true)
                return;
            yield next.value;
        }
    }
    finally {
        // Lets go of the stream. Not awaited: behind a chunk that never comes it would wait for ever.
        chunks.return?.().catch(() => { });
    }
}
/**
 * The bytes of a stream in pieces of this memory's size, all in this same memory: a piece is good until the next one is
 * asked for.
 *
 * A stream read in any other way hands out memory of its own for every 16 kB that came, and what belongs together once
 * more. The memory of what came is freed as soon as it was copied. Throws `Stalled` when nothing comes for too long; ends
 * the stream with that, and where it is left early.
 */
async function* gather(from, memory, limitMs) {
    const chunks = [];
    let waiting = 0;
    let [isOver, wake] = [false, () => { }];
    const patience = limitMs === undefined
        ? undefined
        : setTimeout(() => {
            if (!from.isPaused())
                from.destroy(new Stalled(limitMs));
        }, limitMs);
    from.on('data', (chunk) => {
        patience?.refresh();
        chunks.push(chunk);
        waiting += chunk.length;
        if (waiting < memory.length)
            return;
        from.pause();
        wake();
    });
    const end = (0,promises_namespaceObject.finished)(from, { writable: false }).finally(() => {
        isOver = true;
        wake();
    });
    end.catch(() => { });
    try {
        while (!isOver || waiting > 0) {
            if (!isOver && waiting < memory.length) {
                await new Promise(resolve => {
                    wake = resolve;
                });
            }
            const filled = fill(memory, chunks);
            waiting -= filled;
            if (filled > 0)
                yield memory.subarray(0, filled);
            if (waiting >= memory.length)
                continue;
            patience?.refresh();
            from.resume();
        }
        await end;
    }
    finally {
        clearTimeout(patience);
        from.destroy();
    }
}
/** Moves as much of the chunks as there is room for, and frees those that are done. Returns how much that is. */
function fill(memory, chunks) {
    let filled = 0;
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
        const count = chunk.copy(memory, filled);
        filled += count;
        if (count < chunk.length) {
            chunks.unshift(chunk.subarray(count));
            break;
        }
        freeIfLast(chunk);
    }
    return filled;
}
/** A whole stream of at most so many bytes; undefined where it is longer. */
async function collect(from, { limitBytes, stallMs }) {
    const chunks = [];
    let size = 0;
    for await (const chunk of chunksOf(from, stallMs)) {
        size += chunk.length;
        if (size > limitBytes)
            return undefined;
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}
function roomIn(to, limitMs) {
    const room = new Promise((resolve, reject) => {
        const settle = (error) => {
            to.off('drain', settle);
            to.off('close', gone);
            to.off('error', settle);
            if (error === undefined)
                resolve();
            else
                reject(error);
        };
        const gone = () => settle(new Error('the receiving side is gone'));
        to.once('drain', settle);
        to.once('close', gone);
        to.once('error', settle);
    });
    return within(room, limitMs);
}
/** A promise that throws `Stalled` when it takes longer than the limit. */
async function within(promise, limitMs) {
    if (limitMs === undefined)
        return promise;
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Stalled(limitMs)), limitMs);
    });
    try {
        return await Promise.race([promise, late]);
    }
    finally {
        clearTimeout(timer);
        // The loser may still throw, when its stream is destroyed.
        promise.catch(() => { });
    }
}

;// CONCATENATED MODULE: ./build/image/registries.js
const APP_USER = 'x-access-token';
/**
 * Registries by host, the particular ones first; the last row takes every other.
 *
 * Sources: GitHub "Working with the Container registry", Docker "Access tokens" and "Organization access tokens",
 * AWS "Private registry authentication in Amazon ECR", Google "Set up authentication for Docker", Microsoft
 * "Authenticate with Azure Container Registry", GitLab "Authenticate with the container registry", Harbor "Create robot
 * accounts"; read 2026-11.
 */
const REGISTRIES = [
    {
        name: 'GitHub Container Registry',
        matches: host => host === 'ghcr.io' || /^containers\./.test(host),
        apiHost: host => host,
        // GHCR takes any user name beside an installation token; a personal token is checked against its owner.
        tokenUser: ({ token, actor }) => (token.startsWith('ghs_') || actor.length === 0 ? APP_USER : actor),
        // An enterprise server may have its token service on the server itself.
        tokenHosts: host => (host === 'ghcr.io' ? [] : [host.replace(/^containers\./, '')]),
        grant: image => `\`packages: write\` in the job (\`GITHUB_TOKEN\`) or the scope \`write:packages\` (a classic personal token), and let the package \`${image.repository}\` admit it: Package settings, Manage Actions access, role Write`
    },
    {
        name: 'Docker Hub',
        matches: host => host === 'docker.io',
        apiHost: () => 'registry-1.docker.io',
        // Personal namespaces bear their owner's name, and organization tokens log in as the organization.
        tokenUser: ({ image }) => ownerOf(image),
        tokenHosts: () => ['auth.docker.io'],
        grant: image => `the permission Read & Write (Docker Hub, Account settings, Personal access tokens), and its owner the same in \`${image.repository}\` where that belongs to an organisation`
    },
    {
        name: 'Amazon ECR',
        matches: host => /^\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/.test(host) ||
            host === 'public.ecr.aws',
        apiHost: host => host,
        tokenUser: () => 'AWS',
        tokenHosts: () => [],
        grant: image => `\`ecr:GetAuthorizationToken\`, and \`ecr:BatchCheckLayerAvailability\`, \`ecr:InitiateLayerUpload\`, \`ecr:UploadLayerPart\`, \`ecr:CompleteLayerUpload\` and \`ecr:PutImage\` on the repository \`${image.repository}\`; a login lasts twelve hours`,
        create: image => `aws ecr create-repository --repository-name ${image.repository}${regionOption(image)}`
    },
    {
        name: 'Google Artifact Registry',
        matches: host => /(?:^|[.-])docker\.pkg\.dev$/.test(host) || /(?:^|\.)gcr\.io$/.test(host),
        apiHost: host => host,
        tokenUser: ({ token }) => googleUser(token),
        tokenHosts: () => [],
        grant: image => `the role \`roles/artifactregistry.writer\` on the repository of \`${image.repository}\``,
        create: ({ registry, repository }) => {
            const [project = '<project>', name = '<repository>'] = repository.split('/');
            const location = registry.replace(/-?docker\.pkg\.dev$/, '') || '<location>';
            return `gcloud artifacts repositories create ${name} --repository-format=docker --location=${location} --project=${project}`;
        }
    },
    {
        name: 'Azure Container Registry',
        matches: host => /\.azurecr\.(?:io|cn|us)$/.test(host),
        apiHost: host => host,
        tokenUser: () => '00000000-0000-0000-0000-000000000000',
        tokenHosts: () => [],
        grant: () => 'the role `AcrPush` on the registry'
    },
    {
        name: 'GitLab Container Registry',
        matches: host => /^registry\.gitlab\./.test(host),
        apiHost: host => host,
        tokenUser: ({ token }) => (token.startsWith('glcbt-') ? 'gitlab-ci-token' : 'oauth2'),
        tokenHosts: host => [host.replace(/^registry\./, '')],
        grant: ({ repository }) => `the scope \`write_registry\` and the role Developer in the project whose path begins \`${repository}\``
    },
    {
        name: 'Quay',
        matches: host => host === 'quay.io',
        apiHost: host => host,
        tokenUser: () => '$oauthtoken',
        tokenHosts: () => [],
        grant: image => `the role Write: repository \`${image.repository}\`, Settings, User and Robot Permissions`
    },
    {
        name: 'Harbor',
        matches: host => /(?:^|\.)harbor\./.test(host),
        apiHost: host => host,
        tokenUser: ({ token, actor }) => (token.startsWith('ghs_') || actor.length === 0 ? APP_USER : actor),
        tokenHosts: () => [],
        grant: ({ repository }) => `the role Developer in the project \`${repository.split('/')[0]}\`, or use a robot account with the permission to push there`,
        create: ({ repository }) => `Harbor, Projects, New project: ${repository.split('/')[0]}`
    },
    {
        name: 'a plain registry',
        matches: () => true,
        apiHost: host => host,
        tokenUser: ({ token, actor }) => (token.startsWith('ghs_') || actor.length === 0 ? APP_USER : actor),
        // Whom a company's registry trusts is its own business.
        tokenHosts: () => 'any',
        grant: image => `the right to push to \`${image.registry}/${image.repository}\``
    }
];
/** The row of `REGISTRIES` for a host. */
function registries_registryOf(host) {
    const found = REGISTRIES.find(registry => registry.matches(host));
    if (found === undefined)
        throw new Error(`No row of REGISTRIES takes ${host}`);
    return found;
}
/** The user name to log in with when someone gave a token and no name. */
function tokenUserOf(login) {
    return registries_registryOf(login.image.registry).tokenUser(login);
}
/**
 * Where a GitHub server keeps its packages: `ghcr.io` for github.com, `containers.<host>` for an enterprise server.
 *
 * Source: GitHub Enterprise documentation, "Working with the Container registry".
 */
function packageRegistryOf(serverUrl) {
    const host = URL.canParse(serverUrl) ? new URL(serverUrl).host : 'github.com';
    // A forge on loopback is a stand-in for github.com, as in this project's own tests.
    const isStandIn = /^(?:127(?:\.\d{1,3}){3}|localhost)(?::\d+)?$/.test(host);
    return host === 'github.com' || isStandIn ? 'ghcr.io' : `containers.${host}`;
}
/**
 * Whether a registry's login may go to a token service on a host that the registry names.
 *
 * A registry that nobody wrote a row for may name any; of the known ones it is known where their services are.
 */
function isTokenHost(registry, tokenHost) {
    const row = registries_registryOf(registry);
    const hosts = row.tokenHosts(registry);
    return hosts === 'any' || [registry, row.apiHost(registry), ...hosts].includes(tokenHost);
}
function regionOption({ registry }) {
    const region = /\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./.exec(registry)?.[1];
    return region === undefined ? '' : ` --region ${region}`;
}
function ownerOf(image) {
    return image.repository.split('/')[0] ?? '';
}
function googleUser(token) {
    if (token.trimStart().startsWith('{'))
        return '_json_key';
    return token.startsWith('ya29.') ? 'oauth2accesstoken' : '_json_key_base64';
}

;// CONCATENATED MODULE: ./build/host/registry-address.js

/** Whether a host name leads to this very machine. Names that merely begin like an address do not. */
function isLoopback(hostname) {
    const bare = hostname.toLowerCase().replace(/^\[|\]$/g, '');
    return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}
/** Where a registry answers: plain HTTP on this machine, as docker does it, and HTTPS everywhere else. */
function originOf(registry) {
    const host = registryOf(registry).apiHost(registry);
    const { hostname } = new URL(`http://${host}`);
    return `${isLoopback(hostname) ? 'http' : 'https'}://${host}`;
}
/** The address of something in an image's repository; `tail` begins after the name, for example `manifests/latest`. */
function addressOf({ registry, repository }, tail) {
    return new URL(`${originOf(registry)}/v2/${repository}/${tail}`);
}
/** Where a `Location` header leads; undefined where it leads nowhere that may be followed. */
function locationOf(header, origin) {
    const target = header === undefined ? null : URL.parse(header, origin.href);
    return target !== null && mayLeadTo(origin, target) ? target : undefined;
}
/** The address that ends an upload. What the registry put into its query stays as it is, byte for byte. */
function withDigest(upload, digest) {
    const url = new URL(upload);
    url.search = `${url.search === '' ? '' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
    return url;
}
/**
 * Whether an address named by `origin` may be followed: over HTTPS anywhere, in clear text only from this machine to
 * itself. Otherwise a registry on the internet could send us to services of this machine.
 */
function mayLeadTo(origin, target) {
    if (target.protocol === 'https:')
        return true;
    return target.protocol === 'http:' && isLoopback(target.hostname) && isLoopback(origin.hostname);
}

;// CONCATENATED MODULE: external "node:tls"
const external_node_tls_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:tls");
;// CONCATENATED MODULE: ./build/host/trust.js

let isDone = false;
/**
 * Makes this process trust what the machine trusts.
 *
 * Companies whose HTTPS passes a certificate authority of their own install it in the system; Node looks only at its
 * own list. Reading both takes a moment, so everybody who is about to speak HTTPS calls this, and the first call does it.
 */
function trustSystemCertificates() {
    if (isDone)
        return;
    isDone = true;
    (0,external_node_tls_namespaceObject.setDefaultCACertificates)([...new Set([...(0,external_node_tls_namespaceObject.getCACertificates)('default'), ...(0,external_node_tls_namespaceObject.getCACertificates)('system')])]);
}

;// CONCATENATED MODULE: ./build/host/registry-transport.js







/** The connection broke, could not be made, or nothing came: whether the request was carried out is unknown. */
class registry_transport_NoAnswer extends Error {
    hasStalled;
    constructor(url, cause) {
        super(`${url.host}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
        this.name = 'NoAnswer';
        this.hasStalled = cause instanceof Stalled;
    }
}
const REFUSAL_MS = 250;
/**
 * HTTP as registries need it. Node's `fetch` would follow redirects or hide them, sends streams without their length,
 * and cannot tell a slow sender from a hung receiver; hence the older interface.
 *
 * `stallMs` is how long a connection may stand still while the other side is to move, `answerMs` how long a registry
 * may take to answer once it has everything: committing a large layer is slow.
 */
function openTransport({ environment, cancelled, stallMs = 120_000, answerMs = 300_000 }) {
    const local = new external_node_http_namespaceObject.Agent({ keepAlive: true });
    const localOnce = new external_node_http_namespaceObject.Agent({ keepAlive: false });
    let remote;
    function remoteAgents() {
        trustSystemCertificates();
        const options = { proxyEnv: { ...environment } };
        remote ??= { kept: new external_node_https_namespaceObject.Agent({ ...options, keepAlive: true }), once: new external_node_https_namespaceObject.Agent(options) };
        return remote;
    }
    // A kept connection may be closed by the other side at the very moment of its next use. A stream cannot be sent
    // twice, so it gets a connection of its own.
    function begin({ method, url, headers, body }) {
        const isStream = body instanceof external_node_stream_namespaceObject.Readable;
        if (url.protocol === 'https:') {
            const { kept, once } = remoteAgents();
            return external_node_https_namespaceObject.request(url, { method, headers, agent: isStream ? once : kept });
        }
        if (url.protocol !== 'http:' || !isLoopback(url.hostname))
            throw new Error(`Refusing clear text to ${url.host}`);
        return external_node_http_namespaceObject.request(url, { method, headers, agent: isStream ? localOnce : local });
    }
    async function send(outgoing) {
        const request = begin(outgoing);
        try {
            return await answerTo(request, outgoing, { cancelled, stallMs, answerMs: outgoing.answerMs ?? answerMs });
        }
        catch (thrown) {
            request.destroy();
            throw new registry_transport_NoAnswer(outgoing.url, thrown);
        }
    }
    return {
        send,
        stallMs,
        close: () => {
            local.destroy();
            localOnce.destroy();
            remote?.kept.destroy();
            remote?.once.destroy();
        }
    };
}
/** Sends a stream until it ends or an answer comes: a registry may refuse before it has read everything. */
async function sendStream({ bodyStallMs, onBytes, onSent }, { body, request, answer, stallMs }) {
    const sent = pump(body, request, {
        writeMs: stallMs,
        ...(bodyStallMs === undefined ? {} : { readMs: bodyStallMs }),
        ...(onBytes === undefined ? {} : { onBytes }),
        ...(onSent === undefined ? {} : { onSent })
    });
    const ended = sent.then(() => void request.end());
    try {
        await Promise.race([ended, answer]);
    }
    catch (thrown) {
        // Who refuses early and hangs up breaks our sending first; the refusal itself may be on its way.
        if (thrown instanceof Stalled)
            throw thrown;
        await within(answer, REFUSAL_MS);
    }
    finally {
        // What nobody wants any more is read to its end, so that the connection it comes from stays usable.
        ended.catch(() => body.resume());
    }
}
async function answerTo(request, outgoing, { cancelled, stallMs, answerMs }) {
    const { body, onBytes } = outgoing;
    const answer = new Promise((resolve, reject) => {
        request.once('socket', freeOnceParsed);
        request.once('response', resolve);
        request.once('error', reject);
    });
    // Late errors of a finished request (a reset after the answer) concern nobody.
    request.on('error', () => { });
    answer.catch(() => { });
    const giveUp = () => request.destroy(new Error('the run was cancelled'));
    cancelled.addEventListener('abort', giveUp, { once: true });
    try {
        if (cancelled.aborted)
            giveUp();
        if (body instanceof external_node_stream_namespaceObject.Readable)
            await sendStream(outgoing, { body, request, answer, stallMs });
        else {
            if (body !== undefined)
                onBytes?.(body.length);
            request.end(body);
        }
        return await within(answer, answerMs);
    }
    finally {
        cancelled.removeEventListener('abort', giveUp);
    }
}

;// CONCATENATED MODULE: external "node:crypto"
const external_node_crypto_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:crypto");
;// CONCATENATED MODULE: external "node:fs/promises"
const external_node_fs_promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs/promises");
;// CONCATENATED MODULE: external "node:timers/promises"
const external_node_timers_promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:timers/promises");
;// CONCATENATED MODULE: ./build/host/registry-retry.js


/** Answers that may be another one soon. */
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);
/** For work that must succeed: a registry that limits its callers asks for up to a minute. */
const PERSISTENT = { tries: 6, firstMs: 500, longestMs: 60_000, totalMs: 180_000 };
/** For a question whose answer may be left open. */
const BRIEF = { tries: 4, firstMs: 500, longestMs: 5_000, totalMs: 15_000 };
/** Whether trying again may help. */
function isTransient(status) {
    return TRANSIENT.has(status);
}
/**
 * Tries until an answer is not a transient one, and returns the last answer or throws the last `NoAnswer`.
 *
 * A registry's `Retry-After` is kept; when it asks for more time than there is, its answer is returned at once.
 * `act` gets the time that is left. After a cancel it tries no more.
 */
async function persistently(act, { tries, firstMs, longestMs, totalMs }, cancelled) {
    const endMs = performance.now() + totalMs;
    for (let attempt = 1;; attempt += 1) {
        const outcome = await attemptOf(() => act(endMs - performance.now()));
        const isLast = attempt >= tries || cancelled?.aborted === true;
        const pauseMs = pauseAfter(outcome, Math.min(longestMs, firstMs * 2 ** (attempt - 1)));
        const fits = performance.now() + pauseMs < endMs;
        if (outcome instanceof NoAnswer) {
            if (isLast || !fits)
                throw outcome;
        }
        else {
            if (isLast || !fits || !isTransient(outcome.statusCode ?? 0))
                return outcome;
            outcome.resume();
        }
        await sleep(pauseMs, undefined, cancelled === undefined ? {} : { signal: cancelled }).catch(() => { });
    }
}
async function attemptOf(act) {
    try {
        return await act();
    }
    catch (thrown) {
        if (thrown instanceof NoAnswer)
            return thrown;
        throw thrown;
    }
}
// Up to a fifth more at random, so that jobs refused together do not come back together.
function pauseAfter(outcome, backoffMs) {
    const askedMs = outcome instanceof NoAnswer ? undefined : retryAfterMs(outcome.headers['retry-after'], Date.now());
    return Math.max(askedMs ?? 0, backoffMs) * (1 + Math.random() / 5);
}
/** The pause that a `Retry-After` header asks for: seconds, or a date. Undefined where it says neither. */
function retryAfterMs(header, nowMs) {
    if (header === undefined)
        return undefined;
    if (/^\s*\d+\s*$/.test(header))
        return Number(header) * 1000;
    const dateMs = Date.parse(header);
    return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

;// CONCATENATED MODULE: ./build/host/wheel-fetch.js








/** How often a download is gone on with after a broken connection. */
const TRIES = 6;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const MOST_REDIRECTS = 5;
/**
 * What is written to the disk at once. Linux takes twice as long for pieces of 1 MB, since it puts each into one stretch
 * of memory (ext4, Linux 6.18).
 */
const PIECE_BYTES = 256 * 1024;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const USER_AGENT = 'pytorch-cuda-image-action';
/** A host answered with a status that is no file. */
class NoFile extends Error {
    status;
    constructor(status, url) {
        super(`${url.host} answered ${status}`);
        this.status = status;
    }
}
/**
 * Fetches a wheel to a file, hashing it on the way: nothing of it is opened before it is known to be the locked one.
 *
 * A broken connection is gone on with where it broke. Throws `download-failed` and `wheel-mismatch`.
 */
async function fetchWheel(wheel, path, { transport, onBytes, firstPauseMs = FIRST_PAUSE_MS }) {
    const target = await (0,external_node_fs_promises_namespaceObject.open)(path, 'w', 0o600);
    const state = { target, hash: (0,external_node_crypto_namespaceObject.createHash)('sha256'), memory: Buffer.allocUnsafe(PIECE_BYTES), doneBytes: 0, onBytes };
    try {
        for (let attempt = 1;; attempt += 1) {
            const thrown = await receive(wheel, state, transport).then(() => undefined, (cause) => cause);
            if (thrown === undefined)
                break;
            const mayHelp = thrown instanceof NoFile ? isTransient(thrown.status) : thrown instanceof registry_transport_NoAnswer || thrown instanceof Broken;
            if (!mayHelp)
                throw thrown instanceof NoFile ? failed(wheel, thrown) : thrown;
            if (attempt >= TRIES)
                throw failed(wheel, thrown);
            await (0,external_node_timers_promises_namespaceObject.setTimeout)(Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** (attempt - 1)));
        }
    }
    finally {
        await target.close();
    }
    const found = state.hash.digest('hex');
    if (found !== wheel.sha256)
        throw mismatch(wheel, found, state.doneBytes);
}
/** The connection broke in the middle of the file. */
class Broken extends Error {
}
async function receive(wheel, state, transport) {
    const from = state.doneBytes;
    const { answer, url } = await requestOf(new URL(wheel.url), from, transport);
    const status = answer.statusCode ?? 0;
    if (status !== (from === 0 ? 200 : 206)) {
        answer.destroy();
        // A host that cannot go on in the middle, or no longer has the file: the next try would not end better.
        throw new NoFile(status, url);
    }
    const whole = wheel.sizeBytes;
    const promised = Number(answer.headers['content-length'] ?? Number.NaN);
    try {
        for await (const piece of gather(answer, state.memory, transport.stallMs)) {
            // Longer than the lock says cannot be the locked file: the disk need not hold all of it.
            if (whole !== undefined && state.doneBytes + piece.length > whole)
                throw mismatch(wheel, 'something longer', whole);
            state.hash.update(piece);
            // Not `write`, which may leave off in the middle where the disk is full, and say nothing.
            await state.target.writeFile(piece);
            state.doneBytes += piece.length;
            state.onBytes(piece.length);
        }
    }
    catch (thrown) {
        answer.destroy();
        if (thrown instanceof problem_Problem || isDiskFull(thrown))
            throw thrown;
        throw new Broken(thrown instanceof Error ? thrown.message : String(thrown));
    }
    if (!Number.isNaN(promised) && state.doneBytes - from < promised)
        throw new Broken('the connection ended early');
}
async function requestOf(first, from, transport) {
    let url = first;
    for (let hop = 0;; hop += 1) {
        const headers = {
            'user-agent': USER_AGENT,
            'accept-encoding': 'identity',
            ...(from === 0 ? {} : { range: `bytes=${from}-` })
        };
        const answer = await transport.send({ method: 'GET', url, headers });
        const target = REDIRECTS.has(answer.statusCode ?? 0) ? locationOf(answer.headers.location, url) : undefined;
        if (target === undefined || hop === MOST_REDIRECTS)
            return { answer, url };
        answer.resume();
        url = target;
    }
}
function failed(wheel, cause) {
    return new problem_Problem('download-failed', {
        what: `${wheel.name} could not be fetched.`,
        why: cause instanceof Error ? `${cause.message}.` : String(cause),
        fix: 'Run the job again; if it stays so, look at the address in the lock, and at proxies on the way to it.',
        evidence: [`address: ${withoutLogin(wheel.url)}`]
    }, { cause });
}
function mismatch(wheel, found, sizeBytes) {
    return new problem_Problem('wheel-mismatch', {
        what: `${wheel.name} is not the file that the lock names.`,
        why: 'Its bytes were changed after it was locked: at the index, in a mirror, or on the way. Nothing of it was opened.',
        fix: 'Look at who serves it. If the new file is meant, write the lock anew.',
        evidence: [
            `address: ${withoutLogin(wheel.url)}`,
            `locked: sha256 ${wheel.sha256}`,
            `received: ${/^[0-9a-f]{64}$/.test(found) ? `sha256 ${found}` : found}, ${sizeBytes} bytes`
        ]
    });
}
function withoutLogin(text) {
    const url = new URL(text);
    url.username = '';
    url.password = '';
    url.search = '';
    return url.href;
}

;// CONCATENATED MODULE: external "node:zlib"
const external_node_zlib_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:zlib");
;// CONCATENATED MODULE: ./build/wheels/layout.js
/**
 * Where wheels stand in an image.
 *
 * Files lie in a folder whose name has no Python version, so that a wheel without a Python in its tag is the very same
 * layer below 3.11 and 3.12: `lib/python3.X/site-packages` is a link to it, made in the foundation. The folder lies as
 * deep as the link does. So `../../../bin/tool`, as pip writes it into RECORD, leads to the same place whether a reader
 * follows the link or takes the path as text.
 */
const layout_LAYOUT = {
    prefix: 'opt/venv',
    site: 'opt/venv/lib/python/site-packages',
    headers: 'opt/venv/include/site/python',
    scripts: 'opt/venv/bin',
    /** What scripts begin with. It names no version either. */
    interpreter: '/opt/venv/bin/python3',
    /** What stands in INSTALLER. */
    installer: 'pytorch-cuda-image-action',
    /**
     * The time of every file: 1980-01-02, so that it is 1980 or later in every time zone. Zip knows no earlier year, and
     * packages are zipped again by their users.
     */
    mtimeS: 315_619_200,
    /** Raised with every change that gives other bytes for the same wheel. */
    version: 1
};
/** Folders that the foundation has already. No layer names them: an entry of its own would replace what they are there. */
const FOUNDATION_FOLDERS = new Set([layout_LAYOUT.site, layout_LAYOUT.headers, layout_LAYOUT.scripts, 'opt/venv/share'].flatMap(ancestorsOf));
/** A folder and all that it lies in, without the root. */
function ancestorsOf(folder) {
    const parts = folder.split('/');
    return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

;// CONCATENATED MODULE: ./build/wheels/bytecode.js


/** What the layer with the bytecode of another layer is known by: that layer, and the whole version of the Python. */
function bytecodeKey(layerKey, python) {
    return createHash('sha256')
        .update(JSON.stringify(['bytecode', LAYOUT.version, layerKey, python]))
        .digest('hex');
}
/** Whether a file is bytecode of a package, and its path leads nowhere else. */
function isBytecode(path) {
    const isPlain = path.split('/').every(part => part !== '' && part !== '.' && part !== '..');
    return isPlain && path.startsWith(`${LAYOUT.site}/`) && path.endsWith('.pyc');
}
/** Whether a file is source that an installer compiles. */
function isSource(path) {
    return path.startsWith(`${layout_LAYOUT.site}/`) && path.endsWith('.py');
}
/** The named context that the bytecode is made upon: the image's own Python, and nothing of the packages. */
const FOUNDATION_CONTEXT = 'foundation';
/**
 * A Dockerfile that compiles the sources in the archives of its context, and gives an archive of bytecode for each.
 *
 * A source that several archives have in the same place with the same bytes, as the wheels of one release for two machines
 * do, is compiled once. Bytecode names the path, the time and the size of its source, and counts as long as these are
 * those of the file beside it: so a file that is changed later is compiled anew. The same sources give the same bytes, at
 * any time and whatever is compiled beside them.
 *
 * One file in, one file out for each layer: a builder takes thousands of small ones far slower.
 */
function bytecodeDockerfile(archives) {
    return `FROM ${FOUNDATION_CONTEXT} AS compile
USER 0:0
RUN --mount=type=bind,target=/sources <<'END'
set -eu
PYTHONHASHSEED=0 python3 -W ignore - ${archives.join(' ')} <<'PYTHON'
${COMPILER}PYTHON
END
FROM scratch
COPY --from=compile /bytecode/ /
`;
}
/** Runs on the Python of the image, 3.9 or newer: the sources of each archive that is named, to bytecode in another. */
const COMPILER = (/* unused pure expression or super */ null && (`\
import hashlib, io, marshal, os, struct, sys, tarfile, tempfile
from importlib.util import MAGIC_NUMBER, cache_from_source

# Up to Python 3.10, bytecode tells whether a text of one character was used before: so all of them are.
characters = [chr(number) for number in range(256)]

places, contents = {}, {}
for archive in sys.argv[1:]:
    with tarfile.open(f'/sources/{archive}') as sources:
        for source in sources:
            content = sources.extractfile(source).read()
            known = '/' + source.name, hashlib.sha256(content).digest()
            places.setdefault(archive, []).append(known)
            contents[known] = content


def compile_all(sources):
    made = {}
    for known in sources:
        path, content = known[0], contents[known]
        try:
            code = compile(content, path, 'exec', dont_inherit=True)
        except Exception:
            # A package may hold sources for another Python, as tests or templates; pip leaves those without bytecode, too.
            continue
        # As PEP 552 has it: it counts as long as time and size are those of the source beside it.
        made[known] = MAGIC_NUMBER + struct.pack('<III', 0, ${LAYOUT.mtimeS}, len(content)) + marshal.dumps(code)
    return made


# The largest first, dealt out to the cores in turn.
sources = sorted(contents, key=lambda known: (len(contents[known]), known), reverse=True)
cores = len(os.sched_getaffinity(0))
children = []
for core in range(cores):
    results = tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        marshal.dump(compile_all(sources[core::cores]), results)
        results.flush()
        os._exit(0)
    children.append((child, results))

made = {}
for child, results in children:
    if os.waitpid(child, 0)[1] != 0:
        sys.exit('A process that compiles came to no good end.')
    results.seek(0)
    made.update(marshal.load(results))

os.mkdir('/bytecode')
for archive in sys.argv[1:]:
    with tarfile.open(f'/bytecode/{archive}', 'w') as target:
        for known in sorted(places.get(archive, [])):
            if known in made:
                entry = tarfile.TarInfo(cache_from_source(known[0])[1:])
                entry.size = len(made[known])
                target.addfile(entry, io.BytesIO(made[known]))
`));

;// CONCATENATED MODULE: ./build/wheels/clash.js

/** The problem of one path with two contents; undefined where both are the same. */
function clash(one, other) {
    const [path, crc32, sizeBytes] = one;
    if (crc32 === other[1] && sizeBytes === other[2])
        return undefined;
    return new problem_Problem('wheels-clash', {
        what: `Two wheels bring /${path}, with different contents.`,
        why: 'Which of them would be in the image depends on which was laid last, and one of the two packages would be broken.',
        fix: 'Leave one of the packages out of the requirements, or ask for versions of them that go together.',
        evidence: [`/${path}: ${sizeBytes} and ${other[2]} bytes`]
    });
}
/** Two layers of one image with one path and different contents, if there are any. */
function clashBetween(layers) {
    const seen = new Map();
    for (const file of layers.flat()) {
        const known = seen.get(file[0]);
        const problem = known === undefined ? undefined : clash(known, file);
        if (problem !== undefined)
            return problem;
        seen.set(file[0], file);
    }
    return undefined;
}

;// CONCATENATED MODULE: ./build/wheels/refusal.js

/** A wheel that is broken, or made to do harm. Its bytes are those of the lock, so trying again does not help. */
function invalidWheel(name, fault) {
    return new problem_Problem('wheel-invalid', {
        what: `${name} cannot be installed: ${fault}.`,
        why: 'Its bytes are those that the lock names, so it was published like that.',
        fix: 'Lock another version of that package, and tell its maintainers.',
        evidence: [`wheel: ${name}`]
    });
}

;// CONCATENATED MODULE: ./build/wheels/wheel-name.js
/** A wheel as people speak of it, `nvidia-nccl-cu12 2.27.3`; its whole name where that is none of a wheel. */
function wheelText(name) {
    const wheel = parseWheelName(name);
    return wheel === undefined ? name : `${wheel.distribution.replaceAll('_', '-')} ${wheel.version}`;
}
/** Reads the name of a wheel; undefined where it is none. */
function parseWheelName(name) {
    if (!name.endsWith('.whl'))
        return undefined;
    const parts = name.slice(0, -'.whl'.length).split('-');
    if (parts.some(part => part === ''))
        return undefined;
    const [distribution, version, ...rest] = parts;
    const [build, ...tags] = rest.length === 4 ? rest : [undefined, ...rest];
    const [pythons, abis, platforms] = tags;
    if (distribution === undefined || version === undefined || tags.length !== 3)
        return undefined;
    // A build tag begins with a digit, so that it cannot be taken for a Python.
    if (build !== undefined && !/^\d/.test(build))
        return undefined;
    return {
        distribution,
        version,
        ...(build === undefined ? {} : { build }),
        pythons: pythons?.split('.') ?? [],
        abis: abis?.split('.') ?? [],
        platforms: platforms?.split('.') ?? []
    };
}

;// CONCATENATED MODULE: ./build/wheels/elf.js


/** Machines of libraries by their number in the file (`e_machine`), in the words of wheels. */
const MACHINES = {
    3: 'i686',
    21: 'ppc64le',
    22: 's390x',
    40: 'armv7l',
    62: 'x86_64',
    183: 'aarch64',
    243: 'riscv64'
};
const MAGIC = [0x7f, 0x45, 0x4c, 0x46];
/** A shared object (`ET_DYN`): what Python loads. Firmware for other devices, and code for a GPU, are none. */
const SHARED = 3;
const HEAD_BYTES = 20;
const LITTLE_ENDIAN = 1;
/**
 * The machine that a shared library is for, by its first 20 bytes; undefined where a file is none.
 *
 * Source: System V ABI, chapter 4 (ELF header), and its registry of machines.
 */
function machineOf(head) {
    if (head.length < HEAD_BYTES || MAGIC.some((byte, at) => head[at] !== byte))
        return undefined;
    const view = new DataView(head.buffer, head.byteOffset, HEAD_BYTES);
    const isLittle = head[5] === LITTLE_ENDIAN;
    return view.getUint16(16, isLittle) === SHARED ? MACHINES[view.getUint16(18, isLittle)] : undefined;
}
/**
 * How many of a wheel's libraries are for the machine that its name tells; 0 where it tells none.
 *
 * Some wheels bring libraries for several machines along, so others beside them are nobody's fault. Throws
 * `wheel-invalid` where all are for others: none could be loaded, and where the image is not run nobody would see it.
 */
function checkMachine(wheel, counts) {
    const wanted = machineNamed(wheel);
    if (wanted === undefined)
        return 0;
    const own = counts.get(wanted) ?? 0;
    const [other] = counts.keys();
    if (own === 0 && other !== undefined) {
        throw invalidWheel(wheel, `its name says ${wanted}, and its libraries are for ${other}`);
    }
    return own;
}
function machineNamed(wheel) {
    const platforms = parseWheelName(wheel)?.platforms ?? [];
    const named = new Set(Object.values(MACHINES).filter(machine => platforms.some(tag => tag.endsWith(`_${machine}`))));
    const [machine] = named;
    return named.size === 1 && !platforms.includes('any') ? machine : undefined;
}

;// CONCATENATED MODULE: ./build/wheels/entry-points.js

const SCRIPT_SECTIONS = new Set(['console_scripts', 'gui_scripts']);
/** `name = package.module:attribute [extra]`. */
const LINE = /^([^=\s][^=]*?)\s*=\s*([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[.*\])?$/;
/** The scripts of an `entry_points.txt`; undefined for a line that says nothing an installer understands. */
function parseEntryPoints(text) {
    const found = [];
    let section = '';
    for (const raw of text.split(/\r?\n/)) {
        const line = raw.trim();
        if (line === '' || line.startsWith('#') || line.startsWith(';'))
            continue;
        const [, header] = /^\[(.+)\]$/.exec(line) ?? [];
        if (header !== undefined)
            section = header.trim();
        else if (SCRIPT_SECTIONS.has(section)) {
            const [, name, module, attribute = ''] = LINE.exec(line) ?? [];
            if (name === undefined || module === undefined || !isScriptName(name))
                return undefined;
            found.push({ name, module, attribute });
        }
    }
    return found;
}
/** The program behind an entry point. */
function scriptOf({ module, attribute }) {
    const [name = ''] = attribute.split('.');
    if (attribute === '')
        return [`#!${layout_LAYOUT.interpreter}`, `import ${module}`, ''].join('\n');
    // Guarded, because processes that multiprocessing starts read the script again.
    const guarded = [`from ${module} import ${name}`, '', "if __name__ == '__main__':", `    sys.exit(${attribute}())`];
    return [`#!${layout_LAYOUT.interpreter}`, 'import sys', '', ...guarded, ''].join('\n');
}
/**
 * A script of the wheel with the image's own Python in its first line; as it is where that line asks for something else.
 *
 * `#!python` is what the wheel specification has writers put there.
 */
function withInterpreter(script) {
    const end = script.indexOf(0x0a);
    const first = Buffer.from(end === -1 ? script : script.subarray(0, end))
        .toString('latin1')
        .replace(/\r$/, '');
    const [, words] = /^#!\s*pythonw?(?=\s|$)(.*)$/.exec(first) ?? [];
    if (words === undefined)
        return script;
    return Buffer.concat([
        Buffer.from(`#!${layout_LAYOUT.interpreter}${words}`),
        end === -1 ? Buffer.alloc(0) : script.subarray(end)
    ]);
}
function isScriptName(name) {
    return !/[/\\\p{Cc}]/u.test(name) && name !== '.' && name !== '..' && !name.startsWith('.wh.');
}

;// CONCATENATED MODULE: ./node_modules/smol-toml/dist/error.js
/*!
 * Copyright (c) Squirrel Chat et al., All rights reserved.
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * 1. Redistributions of source code must retain the above copyright notice, this
 *    list of conditions and the following disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice,
 *    this list of conditions and the following disclaimer in the
 *    documentation and/or other materials provided with the distribution.
 * 3. Neither the name of the copyright holder nor the names of its contributors
 *    may be used to endorse or promote products derived from this software without
 *    specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
 * ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
 * WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 * DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
 * FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 * DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 * SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
 * CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
 * OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 * OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */
function getLineColFromPtr(string, ptr) {
    let lines = string.slice(0, ptr).split(/\r?\n/);
    return [lines.length, lines.pop().length + 1];
}
function makeCodeBlock(string, line, column) {
    let lines = string.split(/\r?\n/);
    let codeblock = '';
    let numberLen = (Math.log10(line + 1) | 0) + 1;
    for (let i = line - 1; i <= line + 1; i++) {
        let l = lines[i - 1];
        if (!l)
            continue;
        codeblock += i.toString().padEnd(numberLen, ' ');
        codeblock += ':  ';
        codeblock += l;
        codeblock += '\n';
        if (i === line) {
            codeblock += ' '.repeat(numberLen + column + 2);
            codeblock += '^\n';
        }
    }
    return codeblock;
}
class TomlError extends Error {
    line;
    column;
    codeblock;
    constructor(message, options) {
        const [line, column] = getLineColFromPtr(options.toml, options.ptr);
        const codeblock = makeCodeBlock(options.toml, line, column);
        super(`Invalid TOML document: ${message}\n\n${codeblock}`, options);
        this.line = line;
        this.column = column;
        this.codeblock = codeblock;
    }
    /** @internal */
    static x(message, ctx, ptr) {
        throw new TomlError(message, { toml: ctx.s, ptr: ptr ?? ctx.p });
    }
}

;// CONCATENATED MODULE: ./node_modules/smol-toml/dist/primitive.js
/*!
 * Copyright (c) Squirrel Chat et al., All rights reserved.
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * 1. Redistributions of source code must retain the above copyright notice, this
 *    list of conditions and the following disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice,
 *    this list of conditions and the following disclaimer in the
 *    documentation and/or other materials provided with the distribution.
 * 3. Neither the name of the copyright holder nor the names of its contributors
 *    may be used to endorse or promote products derived from this software without
 *    specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
 * ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
 * WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 * DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
 * FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 * DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 * SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
 * CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
 * OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 * OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */

/** @internal */
function parseString(ctx) {
    let startPtr = ctx.p;
    let c = ctx.s.charCodeAt(ctx.p++);
    let first = c;
    let isLiteral = c === 0x27; /* ' */
    let isMultiline = c === ctx.s.charCodeAt(ctx.p) && c === ctx.s.charCodeAt(ctx.p + 1);
    if (isMultiline) {
        // Trim initial newline
        if ((c = ctx.s.charCodeAt(ctx.p += 2)) === 0xa /* \n */)
            ctx.p++;
        else if (c === 0xd /* \r */ && ctx.s.charCodeAt(ctx.p + 1) === 0xa /* \n */)
            ctx.p += 2;
    }
    // For the record: it is not worth it to use a fast-path for literal strings using `indexOf`.
    // Doing a char-by-char iteration ends up dispatching less instructions, for the same wall-clock runtime.
    let parsed = '';
    let sliceStart = ctx.p;
    // states:
    //   0 - decoding
    //   1 - decoding escape
    //   2 - whitespace escape (no newline encountered yet, must fail on non-whitespace)
    //   3 - whitespace escape (newline encountered, allowed to transition back to normal decode)
    let state = 0;
    for (; ctx.p < ctx.s.length; ctx.p++) {
        c = ctx.s.charCodeAt(ctx.p);
        // Deal with newlines first, since that simplifies control character checking and handling across all states
        if (isMultiline && (c === 0xa /* \n */ || (c === 0xd /* \r */ && ctx.s.charCodeAt(ctx.p + 1) === 0xa /* \n */))) {
            state = state && 3;
        }
        // Control characters are banned in TOML, so we throw an error if we encounter them
        else if ((c < 0x20 && c !== 0x9 /* \t */) || c === 0x7f) {
            TomlError.x('control characters are not allowed in strings', ctx);
        }
        // The string might terminate while we're parsing through a newline escape.
        // It must have encountered a newline; otherwise, it'll simply fail in another branch.
        else if ((!state || state === 3) && c === first && (!isMultiline || (ctx.s.charCodeAt(ctx.p + 1) === first && ctx.s.charCodeAt(ctx.p + 2) === first))) {
            if (isMultiline) {
                // If the string ends with 4-5 quotes, then the first 1-2 are part of the string
                if (ctx.s.charCodeAt(ctx.p + 3) === first)
                    ctx.p++;
                if (ctx.s.charCodeAt(ctx.p + 3) === first)
                    ctx.p++;
            }
            // If we're in a newline escape still, then there's nothing to add.
            if (!state) {
                // Avoid a useless concat operation if the string can be used as-is.
                let s = ctx.s.slice(sliceStart, ctx.p);
                parsed = parsed ? parsed + s : s;
            }
            ctx.p += isMultiline ? 3 : 1;
            return parsed;
        }
        // Baseline state; keep moving forward unless an escape sequence starts
        else if (!state) {
            if (!isLiteral && c === 0x5c /* \ */) {
                parsed += ctx.s.slice(sliceStart, (sliceStart = ctx.p));
                state = 1;
            }
        }
        else if (state === 1) {
            if (c === 0x78 /* x */ || c === 0x75 /* u */ || c === 0x55 /* U */) { // Unicode escape
                let errPtr = ctx.p++ - 1;
                let value = 0;
                let len = c === 0x78 /* x */ ? 2 : c === 0x75 /* u */ ? 4 : 8;
                for (let j = 0; j < len; j++, ctx.p++) {
                    let hex = ctx.s.charCodeAt(ctx.p);
                    let digit = 
                    /* 0-9 */ hex >= 0x30 && hex <= 0x39 ? hex - 0x30 :
                        /* A-F */ hex >= 0x41 && hex <= 0x46 ? hex - 0x41 + 10 :
                            /* a-f */ hex >= 0x61 && hex <= 0x66 ? hex - 0x61 + 10 : -1;
                    if (digit < 0)
                        TomlError.x('invalid non-hex character in unicode escape', ctx);
                    value = (value << 4) | digit;
                }
                // Because JS does bitwise on signed 32bit integers, all 0xfzzzzzzz values are actually seen as negative
                if (value < 0 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
                    TomlError.x('invalid unicode escape', ctx, errPtr);
                }
                parsed += String.fromCodePoint(value);
                sliceStart = ctx.p--;
                state = 0;
            }
            // Newline escape sequence. We only need to care about spaces and tabs; newlines are dealt with earlier
            else if (isMultiline && (c === 0x20 || c === 0x9 /* \t */)) {
                state = 2;
            }
            // Basic escape sequence
            else {
                if (c === 0x62 /* b */)
                    parsed += '\b';
                else if (c === 0x74 /* t */)
                    parsed += '\t';
                else if (c === 0x6e /* n */)
                    parsed += '\n';
                else if (c === 0x66 /* f */)
                    parsed += '\f';
                else if (c === 0x72 /* r */)
                    parsed += '\r';
                else if (c === 0x65 /* e */)
                    parsed += '\x1b';
                else if (c === 0x22 /* " */)
                    parsed += '"';
                else if (c === 0x5c /* \ */)
                    parsed += '\\';
                else
                    TomlError.x('unrecognised escape sequence', ctx);
                sliceStart = ctx.p + 1;
                state = 0;
            }
        }
        // Newline escape continuation: keep moving forward until the first non-whitespace char
        else if (c !== 0x20 && c !== 0x9 /* \t */) {
            if (state === 2)
                TomlError.x('invalid escape: only line-ending whitespace may be escaped', ctx, sliceStart);
            // State cannot be zero, or we'd have branched earlier already.
            // If it's a backslash, immediately transition to the escape state so it can be processed.
            state = !isLiteral && c === 0x5c /* \ */ ? 1 : 0;
            sliceStart = ctx.p;
        }
    }
    TomlError.x('unfinished string', ctx, startPtr);
}

;// CONCATENATED MODULE: ./node_modules/smol-toml/dist/date.js
/*!
 * Copyright (c) Squirrel Chat et al., All rights reserved.
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * 1. Redistributions of source code must retain the above copyright notice, this
 *    list of conditions and the following disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice,
 *    this list of conditions and the following disclaimer in the
 *    documentation and/or other materials provided with the distribution.
 * 3. Neither the name of the copyright holder nor the names of its contributors
 *    may be used to endorse or promote products derived from this software without
 *    specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
 * ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
 * WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 * DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
 * FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 * DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 * SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
 * CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
 * OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 * OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */
let DATE_TIME_RE = /^(\d{4}-\d{2}-\d{2})?[Tt ]?(?:(\d{2}):\d{2}(?::\d{2}(?:\.\d+)?)?)?(Z|z|[-+]\d{2}:\d{2})?$/i;
class TomlDate extends Date {
    #hasDate = false;
    #hasTime = false;
    #offset = null;
    constructor(date, fasttype, unsafeDelim) {
        let hasDate = true;
        let hasTime = true;
        let offset = 'Z';
        let c;
        if (typeof date === 'string') {
            if (fasttype)
                prep: {
                    // Date-time
                    if (fasttype < 3) {
                        if (+date.slice(11, 13) > 23) {
                            date = '';
                            break prep;
                        }
                        // Local
                        if (fasttype === 2) {
                            offset = null;
                            date += 'Z';
                        }
                        // Offset; keep track of offset if not Z
                        else if ((c = date.charCodeAt(date.length - 1)) !== 0x5a /* Z */ && c !== 0x7a /* z */) {
                            offset = date.slice(date.length - 6);
                        }
                        if (unsafeDelim)
                            date = date.slice(0, 10) + 'T' + date.slice(11);
                    }
                    // Time
                    else if (fasttype === 4) {
                        date = +date.slice(0, 2) > 23 ? '' : `0000-01-01T${date}Z`;
                    }
                    hasDate = fasttype !== 4;
                    hasTime = fasttype !== 3;
                }
            else {
                let match = date.match(DATE_TIME_RE);
                if (match) {
                    if (!match[1]) {
                        hasDate = false;
                        date = `0000-01-01T${date}`;
                    }
                    hasTime = !!match[2];
                    // Make sure to use T instead of a space. Breaks in case of extreme values otherwise.
                    hasTime && date[10] === ' ' && (date = date.replace(' ', 'T'));
                    // Do not allow rollover hours.
                    if (match[2] && +match[2] > 23) {
                        date = '';
                    }
                    else {
                        offset = match[3] || null;
                        if (!offset && hasTime)
                            date += 'Z';
                    }
                }
                else {
                    date = '';
                }
            }
        }
        super(date);
        if (!isNaN(this.getTime())) {
            this.#hasDate = hasDate;
            this.#hasTime = hasTime;
            this.#offset = offset;
        }
    }
    isDateTime() {
        return this.#hasDate && this.#hasTime;
    }
    isLocal() {
        return !this.#hasDate || !this.#hasTime || !this.#offset;
    }
    isDate() {
        return this.#hasDate && !this.#hasTime;
    }
    isTime() {
        return this.#hasTime && !this.#hasDate;
    }
    isValid() {
        return this.#hasDate || this.#hasTime;
    }
    toISOString() {
        let iso = super.toISOString();
        // Local Date
        if (this.isDate())
            return iso.slice(0, 10);
        // Local Time
        if (this.isTime())
            return iso.slice(11, 23);
        // Local DateTime
        if (this.#offset === null)
            return iso.slice(0, -1);
        // Offset DateTime
        if (this.#offset === 'Z' || this.#offset === 'z')
            return iso;
        // This part is quite annoying: JS strips the original timezone from the ISO string representation
        // Instead of using a "modified" date and "Z", we restore the representation "as authored"
        let offset = (+(this.#offset.slice(1, 3)) * 60) + +(this.#offset.slice(4, 6));
        offset = this.#offset[0] === '-' ? offset : -offset;
        let offsetDate = new Date(this.getTime() - (offset * 60e3));
        return offsetDate.toISOString().slice(0, -1) + this.#offset;
    }
    static wrapAsOffsetDateTime(jsDate, offset = 'Z') {
        let date = new TomlDate(jsDate);
        date.#offset = offset;
        return date;
    }
    static wrapAsLocalDateTime(jsDate) {
        let date = new TomlDate(jsDate);
        date.#offset = null;
        return date;
    }
    static wrapAsLocalDate(jsDate) {
        let date = new TomlDate(jsDate);
        date.#hasTime = false;
        date.#offset = null;
        return date;
    }
    static wrapAsLocalTime(jsDate) {
        let date = new TomlDate(jsDate);
        date.#hasDate = false;
        date.#offset = null;
        return date;
    }
}

;// CONCATENATED MODULE: ./node_modules/smol-toml/dist/extract.js
/*!
 * Copyright (c) Squirrel Chat et al., All rights reserved.
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * 1. Redistributions of source code must retain the above copyright notice, this
 *    list of conditions and the following disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice,
 *    this list of conditions and the following disclaimer in the
 *    documentation and/or other materials provided with the distribution.
 * 3. Neither the name of the copyright holder nor the names of its contributors
 *    may be used to endorse or promote products derived from this software without
 *    specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
 * ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
 * WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 * DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
 * FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 * DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 * SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
 * CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
 * OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 * OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */




function isDigit(char, base = 10) {
    return base === 16
        ? (char > 0x2f && char < 0x3a) || (char > 0x40 && char < 0x47) || (char > 0x60 && char < 0x67)
        : (char > 0x2f && char < 0x30 + base);
}
function isEndOfValue(char, delim) {
    // Whitespace -- we're permissive on `\r` for performance; it'll be dealt with later anyway
    return char === 0x20 || char === 0x9 /* \t */ || char === 0xa /* \n */ || char === 0xd /* \r */ ||
        // Structure end or next value delimiter
        (delim && (char === delim || char === 0x2c /* , */)) ||
        // Comment
        char === 0x23; /* # */
}
/** @internal */
function extractValue(ctx, end) {
    let errPtr = ctx.p;
    let c = ctx.s.charCodeAt(ctx.p);
    // Structs
    if (c === 0x5b /* [ */ || c === 0x7b /* { */) {
        ctx.d-- || TomlError.x('document contains excessively nested structures. aborting.', ctx);
        let value = c === 0x5b /* [ */
            ? parseArray(ctx)
            : parseInlineTable(ctx);
        ctx.d++;
        return value;
    }
    // Strings
    if (c === 0x22 /* " */ || c === 0x27 /* ' */) {
        return parseString(ctx);
    }
    // Booleans
    // We can fast-path because the first character is enough to know the only possible value
    if (c === 0x74 /* t */) { // Only possible valid value is `true`
        if (ctx.s.charCodeAt(++ctx.p) !== 0x72 || ctx.s.charCodeAt(++ctx.p) !== 0x75 || ctx.s.charCodeAt(++ctx.p) !== 0x65)
            TomlError.x('invalid value', ctx, errPtr);
        return ctx.p++, true;
    }
    if (c === 0x66 /* f */) { // Only possible valid value is `false`
        if (ctx.s.charCodeAt(++ctx.p) !== 0x61 || ctx.s.charCodeAt(++ctx.p) !== 0x6c || ctx.s.charCodeAt(++ctx.p) !== 0x73 || ctx.s.charCodeAt(++ctx.p) !== 0x65)
            TomlError.x('invalid value', ctx, errPtr);
        return ctx.p++, false;
    }
    if (c === 0x2b /* + */ || c === 0x2d /* - */) {
        return parseNumber(ctx, ctx.p, ctx.s.charCodeAt(++ctx.p), 0x2c - c, end);
    }
    // Rough heuristic, but `parseDate` falls back to number parsing if it's a false positive.
    // e.g.: `a = 1\n-------------- = 1` would match this heuristic, but gracefully fallback to numbers.
    if (ctx.s.charCodeAt(ctx.p + 4) === 0x2d /* - */ && ctx.s.charCodeAt(ctx.p + 7) === 0x2d /* - */) {
        return parseDate(ctx, c, end);
    }
    // Same logic as above; `parseTime` falls back to number parsing if it's a false positive.
    if (ctx.s.charCodeAt(ctx.p + 2) === 0x3a /* : */) {
        return parseTime(ctx, c, end);
    }
    return parseNumber(ctx, ctx.p, c, 0, end);
}
// State:
// 0: init
// 1: integer
// 2: fractional dot
// 3: fractional
// 4: exponent letter
// 5: exponent
// 6: exponent sign
// 7: exponent with sign
// >9: underscore; see below
//     -> 12: was integer
//     -> 14: was fractional
//     -> 16: was exponent
// states 2-5, 14, 16 are ONLY permitted iif base === 10
function parseNumber(ctx, startPtr, startChr, sign, endChr) {
    let c = startChr;
    let state = 0;
    let hasUnderscores = false;
    // (+/-)inf
    if (c === 0x69 /* i */) {
        if (ctx.s.charCodeAt(++ctx.p) !== 0x6e || ctx.s.charCodeAt(++ctx.p) !== 0x66)
            TomlError.x('invalid value', ctx, startPtr);
        return ctx.p++, (sign || 1) / 0;
    }
    // (+/-)nan
    if (c === 0x6e /* n */) {
        if (ctx.s.charCodeAt(++ctx.p) !== 0x61 || ctx.s.charCodeAt(++ctx.p) !== 0x6e)
            TomlError.x('invalid value', ctx, startPtr);
        return ctx.p++, NaN;
    }
    // Leading zero
    // Only allowed cases: `0<EOV>`, `0.(...)`, `0e(...)`, `0x(...)`, `0b(...)`, `0o(...)`
    // FWIW, `0e(...)` is a stupid case, but it's not banned per-se so we have to parse it
    if (c === 0x30 /* 0 */) {
        if (++ctx.p >= ctx.s.length || isEndOfValue(c = ctx.s.charCodeAt(ctx.p), endChr))
            return ctx.bi === true ? 0n : 0; // note: conveniently deals with `-0`
        if (!sign) {
            if (c === 0x78 /* x */)
                return parseIntegerBaseN(ctx, startPtr, 16, endChr);
            else if (c === 0x62 /* b */)
                return parseIntegerBaseN(ctx, startPtr, 2, endChr);
            else if (c === 0x6f /* o */)
                return parseIntegerBaseN(ctx, startPtr, 8, endChr);
        }
        if (c === 0x2e /* . */)
            state = 2;
        else if (c === 0x65 /* e */ || c === 0x45 /* E */)
            state = 4;
        else
            TomlError.x('illegal leading zero', ctx, startPtr);
    }
    // If the 1st char is not a digit by now, then it's not a valid TOML value at all
    else if (!isDigit(c))
        TomlError.x('invalid value', ctx, startPtr);
    while (++ctx.p < ctx.s.length && (c = ctx.s.charCodeAt(ctx.p), !isEndOfValue(c, endChr))) {
        if (!state)
            state = 1; // Detects single-digit numbers we can use a fast parse path for
        // The way the states are numbered is not random: underscores are always permitted in odd-numbered states and
        // never permitted in even-numbered ones.
        if (c === 0x5f /* _ */) {
            if (!(state & 1))
                TomlError.x('illegal underscore', ctx);
            state += 11; // 11 is a marker that makes the state even and greater than 9; see the numbering + rationale above
            hasUnderscores = true;
        }
        // Transition to fractional part.
        else if (state === 1 && c === 0x2e /* . */)
            state = 2;
        // Transition to exponent part.
        else if ((state === 1 || state === 3) && (c === 0x65 /* e */ || c === 0x45 /* E */))
            state = 4;
        // + and - are permitted in state 4 only (handled before entering the function for state 0)
        else if (state === 4 && (c === 0x2b /* + */ || c === 0x2d /* - */)) {
            state = 6;
        }
        // All special cases have been handled; only digits are allowed here
        else if (!isDigit(c))
            TomlError.x(`illegal character in numeric literal`, ctx);
        // Clear state flags
        else if (state > 9)
            state -= 11;
        else if (!(state & 1))
            state++;
    }
    // Single-char number; we can fast-path these very easily.
    if (!state) {
        let val = (startChr - 0x30 /* 0 */) * (sign || 1);
        return ctx.bi === true ? BigInt(val) : val;
    }
    // Even-numbered states absolutely require a digit next; not even end of value is permitted
    if (!(state & 1))
        TomlError.x('unfinished numeric value', ctx, startPtr);
    let str = ctx.s.slice(startPtr, ctx.p);
    if (hasUnderscores)
        str = str.replaceAll('_', ''); // perf: replaceAll 1.25x faster than replace with a regex
    return state > 1
        ? parseFloat(str)
        : parseInteger(ctx, str, 10, startPtr);
}
function parseIntegerBaseN(ctx, startPtr, base, endChr) {
    let c, underscore = 1;
    while (++ctx.p < ctx.s.length && (c = ctx.s.charCodeAt(ctx.p), !isEndOfValue(c, endChr))) {
        if (c === 0x5f /* _ */) {
            if (underscore & 1)
                TomlError.x('illegal underscore', ctx);
            underscore = 3;
        }
        // We only need to check if the number is a valid digit, nothing else is permitted
        else if (!isDigit(c, base))
            TomlError.x(`illegal character in numeric literal`, ctx);
        // Clear underscore flag
        else if (underscore & 1)
            underscore--;
    }
    // Trailing underscore is not allowed
    if (underscore & 1)
        TomlError.x('unfinished numeric value', ctx);
    let str = ctx.s.slice(startPtr + 2, ctx.p);
    if (underscore)
        str = str.replaceAll('_', ''); // perf: replaceAll 1.25x faster than replace with a regex
    return parseInteger(ctx, str, base, startPtr);
}
function parseInteger(ctx, str, base, startPtr) {
    if (ctx.bi !== true)
        int: {
            let val = parseInt(str, base);
            if (!Number.isSafeInteger(val)) {
                if (ctx.bi)
                    break int;
                TomlError.x('integer value cannot be represented losslessly', ctx, startPtr);
            }
            return val;
        }
    return base === 10 ? BigInt(str) : BigInt((base === 2 ? '0b' : base === 8 ? '0o' : '0x') + str);
}
function parseDate(ctx, c, endChr) {
    let startPtr = ctx.p++, unsafeSeparator;
    if (!isDigit(c) ||
        !isDigit(ctx.s.charCodeAt(ctx.p++)) ||
        !isDigit(ctx.s.charCodeAt(ctx.p++)) ||
        !isDigit(ctx.s.charCodeAt(ctx.p++))) {
        return parseNumber(ctx, ctx.p = startPtr, c, 0, endChr);
    }
    ctx.p += 5;
    if (!isDigit(ctx.s.charCodeAt(ctx.p++)))
        TomlError.x('invalid date-time: date part is malformed', ctx, startPtr);
    if (ctx.p >= ctx.s.length || (((c = ctx.s.charCodeAt(ctx.p)) !== 0x20 || (unsafeSeparator = true, !isDigit(ctx.s.charCodeAt(ctx.p + 1)))) && c !== 0x54 /* T */ && c !== 0x74 /* t */)) {
        let t = ctx.s.slice(startPtr, ctx.p);
        return readDate(ctx, t, 3, false, startPtr);
    }
    if (ctx.s.charCodeAt(ctx.p += 3) !== 0x3a /* : */)
        TomlError.x('invalid date-time: time part is malformed', ctx, startPtr);
    if (ctx.s.charCodeAt(ctx.p += 3) === 0x3a /* : */)
        ctx.p += 3;
    if (ctx.s.charCodeAt(ctx.p) === 0x2e /* . */)
        while (isDigit(ctx.s.charCodeAt(++ctx.p)))
            ;
    if (c = ctx.s.charCodeAt(ctx.p)) {
        if (c === 0x5a /* Z */ || c === 0x7a /* z */) {
            let t = ctx.s.slice(startPtr, ++ctx.p);
            return readDate(ctx, t, 1, unsafeSeparator, startPtr, '[+00:00]');
        }
        if (c === 0x2b /* + */ || c === 0x2d /* - */) {
            // Temporal's ZonedDateTime is weird asf when it comes to dealing with traditional offsets...
            // It's 1.2x faster to allocate a new string to pass to ZDT than use Instant.toZonedDateTimeISO
            let t = ctx.s.slice(startPtr, ctx.p += 6);
            return readDate(ctx, t, 1, unsafeSeparator, startPtr, !ctx.ld && ('[' + ctx.s.slice(ctx.p - 6, ctx.p) + ']'));
        }
    }
    let t = ctx.s.slice(startPtr, ctx.p);
    return readDate(ctx, t, 2, unsafeSeparator, startPtr);
}
function parseTime(ctx, c, endChr) {
    let start = ctx.p;
    if (!isDigit(c) || !isDigit(ctx.s.charCodeAt(++ctx.p))) {
        return parseNumber(ctx, --ctx.p, c, 0, endChr);
    }
    if (ctx.s.charCodeAt(ctx.p += 4) === 0x3a /* : */)
        ctx.p += 3;
    if (ctx.s.charCodeAt(ctx.p) === 0x2e /* . */)
        while (isDigit(ctx.s.charCodeAt(++ctx.p)))
            ;
    let t = ctx.s.slice(start, ctx.p);
    return readDate(ctx, t, 4, false, start);
}
function readDate(ctx, str, type, unsafeDelim, errPtr, temporalSuffix) {
    if (ctx.ld) {
        let date = new TomlDate(str, type, unsafeDelim);
        if (!date.isValid())
            TomlError.x('invalid date', ctx, errPtr);
        return date;
    }
    try {
        if (temporalSuffix)
            str += temporalSuffix;
        switch (type) {
            case 1: return Temporal.ZonedDateTime.from(str);
            case 2: return Temporal.PlainDateTime.from(str);
            case 3: return Temporal.PlainDate.from(str);
            case 4: return Temporal.PlainTime.from(str);
        }
    }
    catch (e) {
        TomlError.x(e instanceof Error ? e.message : '' + e, ctx, errPtr);
    }
}

;// CONCATENATED MODULE: ./node_modules/smol-toml/dist/util.js
/*!
 * Copyright (c) Squirrel Chat et al., All rights reserved.
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * 1. Redistributions of source code must retain the above copyright notice, this
 *    list of conditions and the following disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice,
 *    this list of conditions and the following disclaimer in the
 *    documentation and/or other materials provided with the distribution.
 * 3. Neither the name of the copyright holder nor the names of its contributors
 *    may be used to endorse or promote products derived from this software without
 *    specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
 * ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
 * WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 * DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
 * FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 * DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 * SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
 * CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
 * OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 * OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */

/** @internal */
function skipComment(ctx) {
    for (; ctx.p < ctx.s.length; ctx.p++) {
        let c = ctx.s.charCodeAt(ctx.p);
        if (c === 0xa /* \n */)
            break;
        if (c === 0xd /* \r */ && ctx.s.charCodeAt(ctx.p + 1) === 0xa /* \n */) {
            ctx.p++;
            break;
        }
        if ((c < 0x20 && c !== 0x9 /* \t */) || c === 0x7f) {
            TomlError.x('control characters are not allowed in comments', ctx);
        }
    }
}
/** @internal */
function skipVoid(ctx, banNewLines, banComments) {
    let c;
    while (ctx.p < ctx.s.length) {
        while (ctx.p < ctx.s.length && ((c = ctx.s.charCodeAt(ctx.p)) === 0x20 ||
            c === 0x9 /* \t */ ||
            (!banNewLines &&
                (c === 0xa /* \n */ || (c === 0xd /* \r */ && ctx.s.charCodeAt(ctx.p + 1) === 0xa /* \n */)))))
            ctx.p++;
        if (banComments || c !== 0x23 /* # */)
            break;
        skipComment(ctx);
    }
}

;// CONCATENATED MODULE: ./node_modules/smol-toml/dist/struct.js
/*!
 * Copyright (c) Squirrel Chat et al., All rights reserved.
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * 1. Redistributions of source code must retain the above copyright notice, this
 *    list of conditions and the following disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice,
 *    this list of conditions and the following disclaimer in the
 *    documentation and/or other materials provided with the distribution.
 * 3. Neither the name of the copyright holder nor the names of its contributors
 *    may be used to endorse or promote products derived from this software without
 *    specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
 * ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
 * WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 * DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
 * FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 * DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 * SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
 * CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
 * OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 * OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */




/** @internal */
function parseKey(ctx, end = 0x3d /* = */) {
    // States:
    // 0: before first char
    // 1: parsing bare key
    // 2: after key component
    let startPtr;
    let state = 0;
    let parsed = [];
    let sliceStart;
    let c = ctx.s.charCodeAt(startPtr = ctx.p);
    do {
        // End of key
        if (c === end) {
            if (!state)
                TomlError.x('unexpected end of key', ctx);
            if (state === 1)
                parsed.push(ctx.s.slice(sliceStart, ctx.p));
            return ctx.p++, parsed;
        }
        // Dotted key separator
        else if (c === 0x2e /* . */) {
            if (!state)
                TomlError.x('illegal empty bare key', ctx);
            if (state === 1)
                parsed.push(ctx.s.slice(sliceStart, ctx.p));
            state = 0;
        }
        // Quoted key
        else if (!state && (c === 0x22 /* " */ || c === 0x27 /* ' */)) {
            if (c === ctx.s.charCodeAt(ctx.p + 1) && c === ctx.s.charCodeAt(ctx.p + 2))
                TomlError.x('illegal quoted key: multiline strings are not allowed', ctx);
            parsed.push(parseString(ctx));
            state = 2;
            ctx.p--;
        }
        // Whitespace; no-op in state 0 and 2, end of bare key in state 1
        else if (c === 0x20 || c === 0x9 /* \t */) {
            if (state === 1) {
                parsed.push(ctx.s.slice(sliceStart, ctx.p));
                state = 2;
            }
        }
        // If state is post-key, no character is allowed; otherwise ensure it's a bare-key component
        else if (state === 2 || (c < 0x30 && c !== 0x2d /* - */) || (c > 0x39 && c < 0x41) || (c > 0x5a && c < 0x61 && c !== 0x5f /* _ */) || c > 0x7a) {
            TomlError.x('illegal character in key', ctx);
        }
        // Illegal character
        else if (!state) {
            state = 1;
            sliceStart = ctx.p;
        }
    } while (c = ctx.s.charCodeAt(++ctx.p));
    TomlError.x('incomplete key-value: cannot find end of key', ctx, startPtr);
}
/** @internal */
function parseInlineTable(ctx) {
    let startPtr = ctx.p++;
    let res = Object.create(null);
    let seen = new Set();
    let c;
    while (ctx.p < ctx.s.length) {
        skipVoid(ctx);
        if ((c = ctx.s.charCodeAt(ctx.p)) === 0x7d /* } */) {
            ctx.p++;
            return res;
        }
        let k;
        let t = res;
        let hasOwn = false;
        let errPtr = ctx.p;
        let key = parseKey(ctx);
        for (let i = 0; i < key.length; i++) {
            if (i)
                t = hasOwn ? t[k] : (t[k] = Object.create(null));
            k = key[i];
            if ((hasOwn = Object.hasOwn(t, k)) && (typeof t[k] !== 'object' || seen.has(t[k]))) {
                TomlError.x('trying to redefine an already defined value', ctx, errPtr);
            }
            let unsafe = k === '__proto__';
            if (ctx.uk && (unsafe || k === 'constructor')) {
                t = ctx.uk !== 1 && TomlError.x('document contains an unsafe property', ctx, errPtr);
                break;
            }
            if (!hasOwn && unsafe) {
                Object.defineProperty(t, k, { enumerable: true, configurable: true, writable: true });
            }
        }
        if (hasOwn) {
            TomlError.x('trying to redefine an already defined value', ctx, errPtr);
        }
        skipVoid(ctx, true, true);
        let value = extractValue(ctx, 0x7d /* } */);
        if (t && typeof (t[k] = value) === 'object')
            seen.add(value);
        skipVoid(ctx);
        if ((c = ctx.s.charCodeAt(ctx.p++)) === 0x7d /* } */) {
            return res;
        }
        if (c !== 0x2c /* , */)
            TomlError.x('expected comma or end of structure', ctx, ctx.p - 1);
    }
    TomlError.x('unfinished table', ctx, startPtr);
}
/** @internal */
function parseArray(ctx) {
    let startPtr = ctx.p++;
    let res = [];
    let c;
    while (ctx.p < ctx.s.length) {
        skipVoid(ctx);
        if ((c = ctx.s.charCodeAt(ctx.p)) === 0x5d /* ] */) {
            ctx.p++;
            return res;
        }
        res.push(extractValue(ctx, 0x5d /* ] */));
        skipVoid(ctx);
        if ((c = ctx.s.charCodeAt(ctx.p++)) === 0x5d /* ] */) {
            return res;
        }
        if (c !== 0x2c /* , */)
            TomlError.x('expected comma or end of structure', ctx, ctx.p - 1);
    }
    TomlError.x('unfinished array', ctx, startPtr);
}

;// CONCATENATED MODULE: ./node_modules/smol-toml/dist/parse.js
/*!
 * Copyright (c) Squirrel Chat et al., All rights reserved.
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * 1. Redistributions of source code must retain the above copyright notice, this
 *    list of conditions and the following disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice,
 *    this list of conditions and the following disclaimer in the
 *    documentation and/or other materials provided with the distribution.
 * 3. Neither the name of the copyright holder nor the names of its contributors
 *    may be used to endorse or promote products derived from this software without
 *    specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
 * ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
 * WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 * DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
 * FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 * DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 * SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
 * CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
 * OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 * OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */




function peekTable(ctx, key, table, meta, type) {
    let t = table;
    let m = meta;
    let k;
    let hasOwn = false;
    let state;
    for (let i = 0; i < key.length; i++) {
        if (i) {
            t = hasOwn ? t[k] : (t[k] = Object.create(null));
            m = (state = m[k]).c;
            if (type === 0 /* Type.DOTTED */ && (state.t === 1 /* Type.EXPLICIT */ || state.t === 2 /* Type.ARRAY */)) {
                return null;
            }
            if (state.t === 2 /* Type.ARRAY */) {
                let l = t.length - 1;
                t = t[l];
                m = m[l].c;
            }
        }
        k = key[i];
        if ((hasOwn = Object.hasOwn(t, k)) && m[k]?.t === 0 /* Type.DOTTED */ && m[k]?.d) {
            return null;
        }
        if (!hasOwn) {
            let unsafe = k === '__proto__';
            if (ctx.uk && (unsafe || k === 'constructor'))
                return false;
            if (unsafe) {
                Object.defineProperty(t, k, { enumerable: true, configurable: true, writable: true });
                Object.defineProperty(m, k, { enumerable: true, configurable: true, writable: true });
            }
            m[k] = {
                t: i < key.length - 1 && type === 2 /* Type.ARRAY */
                    ? 3 /* Type.ARRAY_DOTTED */ : type,
                d: false,
                i: 0,
                c: Object.create(null),
            };
        }
    }
    state = m[k];
    if (state.t !== type && !(type === 1 /* Type.EXPLICIT */ && state.t === 3 /* Type.ARRAY_DOTTED */)) {
        // Bad key type!
        return null;
    }
    if (type === 2 /* Type.ARRAY */) {
        if (!state.d) {
            state.d = true;
            t[k] = [];
        }
        t[k].push(t = Object.create(null));
        state.c[state.i++] = (state = { t: 1 /* Type.EXPLICIT */, d: false, i: 0, c: Object.create(null) });
    }
    if (state.d) {
        // Redefining a table!
        return null;
    }
    state.d = true;
    if (type === 1 /* Type.EXPLICIT */) {
        t = hasOwn ? t[k] : (t[k] = Object.create(null));
    }
    else if (type === 0 /* Type.DOTTED */ && hasOwn) {
        return null;
    }
    return [k, t, state.c];
}
function validateTablePeek(ctx, peek, ptr) {
    if (peek === null || ctx.uk === 2)
        TomlError.x(peek === null
            ? 'trying to redefine an already defined table or value'
            : 'document contains an unsafe property', ctx, ptr);
}
function parse_parse(toml, options = {}) {
    let ctx = {
        s: toml,
        p: 0,
        d: options.maxDepth ?? 1000,
        bi: options.integersAsBigInt ?? false,
        ld: options.useLegacyDate ?? true,
        uk: options.unsafeKeyBehaviour === 'throw' ? 2 : options.unsafeKeyBehaviour === 'drop' ? 1 : 0,
    };
    let res = Object.create(null);
    let meta = Object.create(null);
    let tmp;
    let skipping = false;
    let tbl = res;
    let m = meta;
    // BOM is allowed, skip.
    // JS is UTF-16, so we have to check for the UTF-16 BOM instead of the UTF-8 BOM sequence!
    if (toml.charCodeAt(0) === 0xfeff)
        ctx.p++;
    skipVoid(ctx);
    while (ctx.p < toml.length) {
        if (toml.charCodeAt(ctx.p) === 0x5b /* [ */) {
            let isTableArray = toml.charCodeAt(++ctx.p) === 0x5b; /* [ */
            tmp = ctx.p += +isTableArray;
            skipping = false;
            let k = parseKey(ctx, 0x5d /* ] */);
            if (isTableArray) {
                if (toml.charCodeAt(ctx.p) !== 0x5d /* ] */) {
                    TomlError.x('expected end of table array declaration', ctx);
                }
                ctx.p++;
            }
            let p = peekTable(ctx, k, res, meta, isTableArray ? 2 /* Type.ARRAY */ : 1 /* Type.EXPLICIT */);
            if (!p) {
                validateTablePeek(ctx, p, tmp);
                skipping = true;
            }
            else {
                m = p[2];
                tbl = p[1];
            }
        }
        else {
            tmp = ctx.p;
            let k = parseKey(ctx);
            let p = peekTable(ctx, k, tbl, m, 0 /* Type.DOTTED */);
            if (!p && !skipping)
                validateTablePeek(ctx, p, tmp);
            skipVoid(ctx, true, true);
            let v = extractValue(ctx, void 0);
            if (p && !skipping)
                p[1][p[0]] = v;
        }
        skipVoid(ctx, true);
        if (ctx.p < toml.length && (tmp = toml.charCodeAt(ctx.p)) !== 0xa /* \n */ && (tmp !== 0xd /* \r */ || toml.charCodeAt(ctx.p + 1) !== 0xa /* \n */)) {
            TomlError.x('each key-value declaration must be followed by an end-of-line', ctx);
        }
        skipVoid(ctx);
    }
    return res;
}

;// CONCATENATED MODULE: ./node_modules/smol-toml/dist/stringify.js
/*!
 * Copyright (c) Squirrel Chat et al., All rights reserved.
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * 1. Redistributions of source code must retain the above copyright notice, this
 *    list of conditions and the following disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice,
 *    this list of conditions and the following disclaimer in the
 *    documentation and/or other materials provided with the distribution.
 * 3. Neither the name of the copyright holder nor the names of its contributors
 *    may be used to endorse or promote products derived from this software without
 *    specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
 * ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
 * WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 * DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
 * FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 * DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 * SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
 * CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
 * OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 * OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */
let BARE_KEY = /^[a-z0-9-_]+$/i;
let HAS_WELLFORMED = !!(''.isWellFormed);
function extendedTypeOf(obj) {
    let type = typeof obj;
    if (type === 'object') {
        if (Array.isArray(obj))
            return 'array';
        if (typeof obj.getUTCDate === 'function' && obj instanceof Date)
            return 'date';
        if (globalThis.Temporal) {
            if (obj.until) {
                if (obj instanceof Temporal.ZonedDateTime)
                    return 'temporal/tz+uc';
                if (obj instanceof Temporal.PlainDateTime || obj instanceof Temporal.PlainDate)
                    return 'temporal/uc';
                if (obj instanceof Temporal.PlainTime || obj instanceof Temporal.Instant)
                    return 'temporal';
                if (obj instanceof Temporal.PlainYearMonth)
                    return 'temporal/x';
            }
            else if ((obj.toPlainDate && obj instanceof Temporal.PlainMonthDay) ||
                (obj.negated && obj instanceof Temporal.Duration)) {
                return 'temporal/x';
            }
        }
    }
    return type;
}
function isArrayOfTables(obj) {
    for (let i = 0; i < obj.length; i++) {
        if (extendedTypeOf(obj[i]) !== 'object')
            return false;
    }
    return obj.length != 0;
}
function formatWellFormedStringUnchecked(s) {
    return JSON.stringify(s).replaceAll('\x7f', '\\u007f');
}
function formatString(s) {
    return formatWellFormedStringUnchecked(HAS_WELLFORMED ? s.toWellFormed() : s);
}
function formatKey(s) {
    if (BARE_KEY.test(s))
        return s;
    if (HAS_WELLFORMED && !s.isWellFormed())
        throw new RangeError('key contains illegal lone surrogates');
    return formatWellFormedStringUnchecked(s);
}
function stringifyValue(val, type, depth, numberAsFloat, strictTemporal) {
    if (depth === 0) {
        throw new Error('Could not stringify the object: maximum object depth exceeded');
    }
    switch (type) {
        // @ts-expect-error -- intentional fallthrough case
        case 'number':
            if (isNaN(val))
                return 'nan';
            if (val === Infinity)
                return 'inf';
            if (val === -Infinity)
                return '-inf';
            if (Number.isInteger(val) && (numberAsFloat || !Number.isSafeInteger(val)))
                return val.toFixed(1);
        case 'bigint':
        case 'boolean':
        case 'temporal':
            return val.toString();
        case 'string':
            return formatString(val);
        case 'date':
            if (isNaN(val.getTime()))
                throw new TypeError('cannot serialize invalid date');
            return val.toISOString();
        case 'object':
            return stringifyInlineTable(val, depth, numberAsFloat, strictTemporal);
        case 'array':
            return stringifyArray(val, depth, numberAsFloat, strictTemporal);
        // @ts-expect-error -- intentional fallthrough case
        case 'temporal/tz+uc':
            if (strictTemporal) {
                let tz = val.timeZoneId;
                let tzc = tz.charCodeAt(0);
                if (
                // Classic offset
                tzc !== 0x2b /* + */ && tzc !== 0x2d /* - */ &&
                    (
                    // Fast pre-check pass; see below for the actually accepted values
                    (tzc !== 0x55 /* U */ && tzc !== 0x47 /* G */ && tzc !== 0x5a /* Z */ && tzc !== 0x45 /* E */) ||
                        (
                        // UTC and its aliases; Temporal implementations don't all canonicalise unfortunately
                        tz !== 'UTC' && tz !== 'UCT' && tz !== 'Universal' && tz !== 'Zulu' &&
                            // GMT is a TZ but it's for all intents and purposes equivalent to UTC. Safe to downgrade.
                            !tz.startsWith('GMT') && tz !== 'Greenwich' &&
                            // Etc/* are all safe to downgrade to offset (either UTC, GMT, or offset)
                            !tz.startsWith('Etc/')))) {
                    throw new TypeError('Temporal objects with an IANA timezone are not allowed in Temporal strict mode');
                }
            }
        case 'temporal/uc':
            if (strictTemporal && val.calendarId !== 'iso8601')
                throw new TypeError('Temporal objects with a non-default calendar are not allowed in Temporal strict mode');
            return val.toString({
                calendarName: 'never',
                timeZoneName: 'never',
            });
        case 'temporal/x':
            throw new TypeError('Unsupported ' + val[Symbol.toStringTag]);
    }
}
function stringifyInlineTable(obj, depth, numberAsFloat, strictTemporal) {
    let keys = Object.keys(obj);
    if (keys.length === 0)
        return '{}';
    let res = '{ ';
    for (let i = 0; i < keys.length; i++) {
        let k = keys[i];
        if (i)
            res += ', ';
        res += formatKey(k) + ' = ' + stringifyValue(obj[k], extendedTypeOf(obj[k]), depth - 1, numberAsFloat, strictTemporal);
    }
    return res + ' }';
}
function stringifyArray(array, depth, numberAsFloat, strictTemporal) {
    if (array.length === 0)
        return '[]';
    let res = '[ ';
    for (let i = 0; i < array.length; i++) {
        if (i)
            res += ', ';
        if (array[i] === null || array[i] === void 0) {
            throw new TypeError('arrays cannot contain null or undefined values');
        }
        res += stringifyValue(array[i], extendedTypeOf(array[i]), depth - 1, numberAsFloat, strictTemporal);
    }
    return res + ' ]';
}
function stringifyArrayTable(array, key, depth, numberAsFloat, strictTemporal) {
    if (depth === 0) {
        throw new Error('Could not stringify the object: maximum object depth exceeded');
    }
    let res = '';
    for (let i = 0; i < array.length; i++) {
        res += `${res && '\n'}[[${key}]]\n`;
        res += stringifyTable(0, array[i], key, depth, numberAsFloat, strictTemporal);
    }
    return res;
}
function stringifyTable(tableKey, obj, prefix, depth, numberAsFloat, strictTemporal) {
    if (depth === 0) {
        throw new Error('Could not stringify the object: maximum object depth exceeded');
    }
    let preamble = '';
    let tables = '';
    let keys = Object.keys(obj);
    for (let i = 0; i < keys.length; i++) {
        let k = keys[i];
        if (obj[k] !== null && obj[k] !== void 0) {
            let type = extendedTypeOf(obj[k]);
            if (type === 'symbol' || type === 'function') {
                throw new TypeError(`cannot serialize values of type '${type}'`);
            }
            let key = formatKey(k);
            if (type === 'array' && isArrayOfTables(obj[k])) {
                tables += (tables && '\n') + stringifyArrayTable(obj[k], prefix ? `${prefix}.${key}` : key, depth - 1, numberAsFloat, strictTemporal);
            }
            else if (type === 'object') {
                let tblKey = prefix ? `${prefix}.${key}` : key;
                tables += (tables && '\n') + stringifyTable(tblKey, obj[k], tblKey, depth - 1, numberAsFloat, strictTemporal);
            }
            else {
                preamble += key;
                preamble += ' = ';
                preamble += stringifyValue(obj[k], type, depth, numberAsFloat, strictTemporal);
                preamble += '\n';
            }
        }
    }
    if (tableKey && (preamble || !tables)) // Create table only if necessary
        preamble = preamble ? `[${tableKey}]\n${preamble}` : `[${tableKey}]`;
    return preamble && tables
        ? `${preamble}\n${tables}`
        : preamble || tables;
}
function stringify(obj, { maxDepth = 1000, numbersAsFloat = false, strictTemporal = false } = {}) {
    if (extendedTypeOf(obj) !== 'object') {
        throw new TypeError('stringify can only be called with an object');
    }
    let str = stringifyTable(0, obj, '', maxDepth, numbersAsFloat, strictTemporal);
    if (str[str.length - 1] !== '\n')
        return str + '\n';
    return str;
}

;// CONCATENATED MODULE: ./node_modules/smol-toml/dist/index.js
/*!
 * Copyright (c) Squirrel Chat et al., All rights reserved.
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 *
 * 1. Redistributions of source code must retain the above copyright notice, this
 *    list of conditions and the following disclaimer.
 * 2. Redistributions in binary form must reproduce the above copyright notice,
 *    this list of conditions and the following disclaimer in the
 *    documentation and/or other materials provided with the distribution.
 * 3. Neither the name of the copyright holder nor the names of its contributors
 *    may be used to endorse or promote products derived from this software without
 *    specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
 * ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
 * WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
 * DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
 * FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
 * DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
 * SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
 * CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
 * OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
 * OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */





/** @deprecated use `import * as ... from 'smol-toml'` instead */
/* harmony default export */ const dist = ({ parse: parse_parse, stringify: stringify, TomlDate: TomlDate, TomlError: TomlError });

;// CONCATENATED MODULE: ./build/wheels/lock.js



/**
 * Reads a `pylock.toml` (PEP 751, lock version 1).
 *
 * Throws `lock-invalid` with everything that is wrong with it: no TOML, a package without a source, a file without a
 * SHA-256, a git source that names no whole commit. `shown` is how messages name the file.
 */
function parseLock(text, shown) {
    const table = tableOf(text, shown);
    const faults = [];
    const version = table['lock-version'];
    if (typeof version !== 'string' || !/^1\.\d+$/.test(version)) {
        faults.push(`lock-version is ${version === undefined ? 'missing' : JSON.stringify(version)}, and 1.0 is understood`);
    }
    const entries = table.packages;
    if (!Array.isArray(entries) || entries.length === 0)
        faults.push('it has no [[packages]]');
    const packages = (Array.isArray(entries) ? entries : []).flatMap((entry, at) => {
        const read = readPackage(isTable(entry) ? entry : {}, `[[packages]] number ${at + 1}`);
        faults.push(...read.faults);
        return read.found === undefined ? [] : [read.found];
    });
    if (faults.length > 0)
        throw invalid(shown, faults);
    const requiresPython = textAt(table, 'requires-python');
    return {
        createdBy: textAt(table, 'created-by') ?? 'unknown',
        ...(requiresPython === undefined ? {} : { requiresPython }),
        packages
    };
}
/** SHA-256 of a lock's text, 64 digits; of several locks, of one after another. */
function lockHash(...texts) {
    return texts.reduce((hash, text) => hash.update(text), createHash('sha256')).digest('hex');
}
/** A project's name as indexes compare it (PEP 503). */
function normalizedName(name) {
    return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
function tableOf(text, shown) {
    try {
        return parse(text);
    }
    catch (thrown) {
        const said = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
        throw invalid(shown, [said]);
    }
}
function readPackage(entry, place) {
    const written = textAt(entry, 'name');
    if (written === undefined)
        return { faults: [`${place} has no name`] };
    const name = normalizedName(written);
    const { found: source, faults } = readSource(entry, name);
    if (source === undefined)
        return { faults };
    const version = textAt(entry, 'version');
    const marker = textAt(entry, 'marker');
    const index = textAt(entry, 'index');
    return {
        found: {
            name,
            ...(version === undefined ? {} : { version }),
            ...(marker === undefined ? {} : { marker }),
            ...(index === undefined ? {} : { index }),
            source
        },
        faults
    };
}
/** The source that an installer would take: PEP 751 names the order. */
function readSource(entry, name) {
    const { vcs, directory, archive, sdist, wheels } = entry;
    if (isTable(vcs))
        return readVcs(vcs, name);
    if (isTable(directory)) {
        const path = textAt(directory, 'path');
        if (path === undefined)
            return { faults: [`${name}: its directory has no path`] };
        return { found: { kind: 'directory', path, editable: directory.editable === true }, faults: [] };
    }
    if (isTable(archive))
        return readArchive(archive, name);
    if (Array.isArray(wheels) && wheels.length > 0) {
        const files = wheels.map((wheel) => readFile(isTable(wheel) ? wheel : {}, name));
        const found = files.flatMap(file => (file.found === undefined ? [] : [file.found]));
        return { found: { kind: 'wheels', wheels: found }, faults: files.flatMap(file => file.faults) };
    }
    if (isTable(sdist)) {
        const { found, faults } = readFile(sdist, name);
        return found === undefined ? { faults } : { found: { kind: 'sdist', sdist: found }, faults };
    }
    return { faults: [`${name} has no wheels, no sdist, no archive, no vcs and no directory`] };
}
function readVcs(vcs, name) {
    const type = textAt(vcs, 'type');
    const url = textAt(vcs, 'url');
    const commit = textAt(vcs, 'commit-id');
    if (type !== 'git')
        return { faults: [`${name}: only git is understood, and its vcs is ${type ?? 'not named'}`] };
    if (url === undefined)
        return { faults: [`${name}: its vcs has no url`] };
    if (commit === undefined || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) {
        return { faults: [`${name}: its commit-id is ${commit ?? 'missing'}, and a whole commit is needed`] };
    }
    const requestedRevision = textAt(vcs, 'requested-revision');
    const subdirectory = textAt(vcs, 'subdirectory');
    return {
        found: {
            kind: 'git',
            url,
            commit,
            ...(requestedRevision === undefined ? {} : { requestedRevision }),
            ...(subdirectory === undefined ? {} : { subdirectory })
        },
        faults: []
    };
}
/** A file that a requirement named by its address: a wheel, or source to be built. */
function readArchive(archive, name) {
    const { found, faults } = readFile(archive, name);
    if (found === undefined)
        return { faults };
    const isWheel = found.name.endsWith('.whl');
    return { found: isWheel ? { kind: 'wheels', wheels: [found] } : { kind: 'sdist', sdist: found }, faults };
}
function readFile(file, name) {
    const url = textAt(file, 'url');
    if (url === undefined)
        return { faults: [`${name}: a file has no url`] };
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
        return { faults: [`${name}: ${url} is no web address`] };
    const fileName = textAt(file, 'name') ?? lastPart(url);
    const sha256 = isTable(file.hashes) ? textAt(file.hashes, 'sha256')?.toLowerCase() : undefined;
    if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256))
        return { faults: [`${name}: ${fileName} has no SHA-256`] };
    const { size } = file;
    return {
        found: { url, name: fileName, ...(typeof size === 'number' ? { sizeBytes: size } : {}), sha256 },
        faults: []
    };
}
function lastPart(url) {
    const last = new URL(url).pathname.split('/').at(-1) ?? '';
    try {
        return decodeURIComponent(last);
    }
    catch {
        return last;
    }
}
function isTable(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function textAt(table, key) {
    const value = table[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
}
function invalid(shown, faults) {
    return new Problem('lock-invalid', {
        what: `${shown} is not a lock that can be installed from.`,
        why: 'Every file of a lock is fetched by its address and known by its SHA-256, and git sources by their commit.',
        fix: 'Write it anew: `npm run local -- lock`, or `uv pip compile --format pylock.toml` with the same requirements.',
        evidence: faults
    });
}

;// CONCATENATED MODULE: ./build/wheels/placement.js




const LONGEST_PATH = 1024;
const LONGEST_PART = 255;
/** Ways on which files for site-packages come along as plain data: through the links of an environment. */
const SITE_ALIASES = /^(?:lib|lib64)\/(?:python(?:3(?:\.\d+)?)?)\/site-packages\//;
/** What an environment itself consists of. */
const OWN_FILES = /^(?:pyvenv\.cfg|bin\/python[\d.]*|bin\/activate(?:\..*)?|bin\/Activate\.ps1)$/;
/** Finds the folders that tell what the wheel is. Throws `wheel-invalid` where they do not fit its name. */
function foldersOf(wheel, names) {
    const project = parseWheelName(wheel)?.distribution;
    if (project === undefined)
        throw invalidWheel(wheel, 'its name is not that of a wheel');
    const infos = [...new Set(names.map(name => name.split('/')[0] ?? ''))].filter(name => name.endsWith('.dist-info'));
    const [info] = infos;
    if (info === undefined || infos.length > 1) {
        throw invalidWheel(wheel, infos.length === 0 ? 'it has no .dist-info folder' : 'it has several .dist-info folders');
    }
    const [named = ''] = info.split('-');
    if (normalizedName(named) !== normalizedName(project))
        throw invalidWheel(wheel, `its metadata is that of ${named}`);
    return { info, data: info.replace(/\.dist-info$/, '.data'), project };
}
/** Where the wheel specification puts a file. Throws `wheel-invalid` for a name that leads elsewhere. */
function placeOf(wheel, name, folders) {
    const fault = faultOf(name);
    if (fault !== undefined)
        throw invalidWheel(wheel, `it holds ${JSON.stringify(name)}, ${fault}`);
    const [first, scheme, ...rest] = name.split('/');
    if (first !== folders.data) {
        if (first?.endsWith('.data') === true && scheme !== undefined && SCHEMES.has(scheme)) {
            throw invalidWheel(wheel, `it has a second data folder, ${JSON.stringify(first)}`);
        }
        return { path: `${layout_LAYOUT.site}/${name}`, isScript: false };
    }
    const file = rest.join('/');
    if (scheme === undefined || file === '' || !SCHEMES.has(scheme)) {
        throw invalidWheel(wheel, `it holds ${JSON.stringify(name)}, for which installers have no place`);
    }
    return schemePlace({ wheel, scheme, file, project: folders.project });
}
/** What may not be part of a path in an image; undefined where it is a plain relative path. */
function faultOf(name) {
    const parts = name.split('/');
    if (name.startsWith('/'))
        return 'which is an absolute path';
    if (/[\p{Cc}\\]/u.test(name))
        return 'which has a character in it that paths do not have';
    if (parts.includes('..') || parts.includes('.'))
        return 'which leads out of its folder';
    if (parts.includes(''))
        return 'which has an empty part';
    // In a layer such a name means that a file of the layers below is taken away.
    if (parts.some(part => part.startsWith('.wh.')))
        return 'which would remove files of other layers';
    if (name.length > LONGEST_PATH || parts.some(part => Buffer.byteLength(part) > LONGEST_PART))
        return 'which is too long';
    return undefined;
}
const SCHEMES = new Set(['purelib', 'platlib', 'scripts', 'headers', 'data']);
function schemePlace({ wheel, scheme, file, project }) {
    switch (scheme) {
        case 'scripts':
            return { path: ownPath(wheel, `bin/${file}`), isScript: true };
        case 'headers':
            return { path: `${layout_LAYOUT.headers}/${project}/${file}`, isScript: false };
        case 'data':
            return { path: ownPath(wheel, file), isScript: false };
        default:
            return { path: `${layout_LAYOUT.site}/${file}`, isScript: false };
    }
}
/** A path below the environment, past its own links: an entry with the name of a link would take its place. */
function ownPath(wheel, file) {
    if (OWN_FILES.test(file))
        throw invalidWheel(wheel, `it would replace ${JSON.stringify(file)} of the environment`);
    const alias = SITE_ALIASES.exec(file);
    if (alias !== null)
        return `${layout_LAYOUT.site}/${file.slice(alias[0].length)}`;
    return `${layout_LAYOUT.prefix}/${file.replace(/^lib64\//, 'lib/')}`;
}

;// CONCATENATED MODULE: external "node:path"
const external_node_path_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");
;// CONCATENATED MODULE: ./node_modules/csv-parse/lib/api/CsvError.js
class CsvError extends Error {
  constructor(code, message, options, ...contexts) {
    if (Array.isArray(message)) message = message.join(" ").trim();
    super(message);
    if (Error.captureStackTrace !== undefined) {
      Error.captureStackTrace(this, CsvError);
    }
    this.code = code;
    for (const context of contexts) {
      for (const key in context) {
        const value = context[key];
        this[key] = Buffer.isBuffer(value)
          ? value.toString(options.encoding)
          : value == null
            ? value
            : JSON.parse(JSON.stringify(value));
      }
    }
  }
}



;// CONCATENATED MODULE: ./node_modules/csv-parse/lib/utils/is_object.js
const is_object = function (obj) {
  return typeof obj === "object" && obj !== null && !Array.isArray(obj);
};



;// CONCATENATED MODULE: ./node_modules/csv-parse/lib/api/normalize_columns_array.js



const normalize_columns_array = function (columns) {
  const normalizedColumns = [];
  for (let i = 0, l = columns.length; i < l; i++) {
    const column = columns[i];
    if (column === undefined || column === null || column === false) {
      normalizedColumns[i] = { disabled: true };
    } else if (typeof column === "string" || typeof column === "number") {
      normalizedColumns[i] = { name: `${column}` };
    } else if (is_object(column)) {
      if (typeof column.name !== "string") {
        throw new CsvError("CSV_OPTION_COLUMNS_MISSING_NAME", [
          "Option columns missing name:",
          `property "name" is required at position ${i}`,
          "when column is an object literal",
        ]);
      }
      normalizedColumns[i] = column;
    } else {
      throw new CsvError("CSV_INVALID_COLUMN_DEFINITION", [
        "Invalid column definition:",
        "expect a string or a literal object,",
        `got ${JSON.stringify(column)} at position ${i}`,
      ]);
    }
  }
  return normalizedColumns;
};



;// CONCATENATED MODULE: ./node_modules/csv-parse/lib/utils/ResizeableBuffer.js
class ResizeableBuffer {
  constructor(size = 100) {
    this.size = size;
    this.length = 0;
    this.buf = Buffer.allocUnsafe(size);
  }
  prepend(val) {
    if (Buffer.isBuffer(val)) {
      const length = this.length + val.length;
      if (length >= this.size) {
        this.resize();
        if (length >= this.size) {
          throw Error("INVALID_BUFFER_STATE");
        }
      }
      const buf = this.buf;
      this.buf = Buffer.allocUnsafe(this.size);
      val.copy(this.buf, 0);
      buf.copy(this.buf, val.length);
      this.length += val.length;
    } else {
      const length = this.length++;
      if (length === this.size) {
        this.resize();
      }
      const buf = this.clone();
      this.buf[0] = val;
      buf.copy(this.buf, 1, 0, length);
    }
  }
  append(val) {
    const length = this.length++;
    if (length === this.size) {
      this.resize();
    }
    this.buf[length] = val;
  }
  clone() {
    return Buffer.from(this.buf.slice(0, this.length));
  }
  resize() {
    const length = this.length;
    this.size = this.size * 2;
    const buf = Buffer.allocUnsafe(this.size);
    this.buf.copy(buf, 0, 0, length);
    this.buf = buf;
  }
  toString(encoding) {
    if (encoding) {
      return this.buf.toString(encoding, 0, this.length);
    } else {
      return Uint8Array.prototype.slice.call(this.buf.slice(0, this.length));
    }
  }
  toJSON() {
    return this.toString("utf8");
  }
  reset() {
    this.length = 0;
  }
}

/* harmony default export */ const utils_ResizeableBuffer = (ResizeableBuffer);

;// CONCATENATED MODULE: ./node_modules/csv-parse/lib/api/init_state.js


const init_state = function (options) {
  // ECMAScript WhiteSpace + LineTerminator codepoints, encoded under
  // `options.encoding`. Aligns trimming with `String.prototype.trim()`.
  // https://tc39.es/ecma262/#sec-white-space
  // https://tc39.es/ecma262/#sec-line-terminators
  //
  // Codepoints unrepresentable in the target encoding are dropped: Node's
  // Buffer substitutes them with `?` (0x3F), and including those would cause
  // literal `?` bytes in the input to be trimmed under `latin1`/`ascii`.
  const timchars = [
    // Basic Latin
    0x0020, // [Space](https://www.fileformat.info/info/unicode/char/0020/index.htm)
    0x0009, // [CHARACTER TABULATION (HT)](https://www.fileformat.info/info/unicode/char/0009/index.htm)
    0x000a, // [LINE FEED (LF)](https://www.fileformat.info/info/unicode/char/000a/index.htm)
    0x000d, // [CARRIAGE RETURN (CR)](https://www.fileformat.info/info/unicode/char/000d/index.htm)
    0x000c, // [FORM FEED (FF)](https://www.fileformat.info/info/unicode/char/000c/index.htm)
    0x000b, // [LINE TABULATION (VT)](https://www.fileformat.info/info/unicode/char/000b/index.htm)
    // Latin-1 Supplement
    0x00a0, // [NO-BREAK SPACE (NBSP)](https://www.fileformat.info/info/unicode/char/00a0/index.htm)
    // Ogham
    0x1680, // [OGHAM SPACE MARK](https://www.fileformat.info/info/unicode/char/1680/index.htm)
    // General Punctuation
    0x2000, // [EN QUAD](https://www.fileformat.info/info/unicode/char/2000/index.htm)
    0x2001, // [EM QUAD](https://www.fileformat.info/info/unicode/char/2001/index.htm)
    0x2002, // [EN SPACE](https://www.fileformat.info/info/unicode/char/2002/index.htm)
    0x2003, // [EM SPACE](https://www.fileformat.info/info/unicode/char/2003/index.htm)
    0x2004, // [THREE-PER-EM SPACE](https://www.fileformat.info/info/unicode/char/2004/index.htm)
    0x2005, // [FOUR-PER-EM SPACE](https://www.fileformat.info/info/unicode/char/2005/index.htm)
    0x2006, // [SIX-PER-EM SPACE](https://www.fileformat.info/info/unicode/char/2006/index.htm)
    0x2007, // [FIGURE SPACE](https://www.fileformat.info/info/unicode/char/2007/index.htm)
    0x2008, // [PUNCTUATION SPACE](https://www.fileformat.info/info/unicode/char/2008/index.htm)
    0x2009, // [THIN SPACE](https://www.fileformat.info/info/unicode/char/2009/index.htm)
    0x200a, // [HAIR SPACE](https://www.fileformat.info/info/unicode/char/200a/index.htm)
    0x2028, // [LINE SEPARATOR](https://www.fileformat.info/info/unicode/char/2028/index.htm)
    0x2029, // [PARAGRAPH SEPARATOR](https://www.fileformat.info/info/unicode/char/2029/index.htm)
    0x202f, // [NARROW NO-BREAK SPACE (NNBSP)](https://www.fileformat.info/info/unicode/char/202f/index.htm)
    0x205f, // [MEDIUM MATHEMATICAL SPACE (MMSP)](https://www.fileformat.info/info/unicode/char/205f/index.htm)
    0x3000, // [IDEOGRAPHIC SPACE](https://www.fileformat.info/info/unicode/char/3000/index.htm)
    0xfeff, // [ZERO WIDTH NO-BREAK SPACE (BOM)](https://www.fileformat.info/info/unicode/char/feff/index.htm)
  ].reduce((acc, codepoint) => {
    const encoded = Buffer.from(
      String.fromCharCode(codepoint),
      options.encoding,
    );
    if (codepoint !== 0x3f && encoded.length === 1 && encoded[0] === 0x3f) {
      return acc;
    }
    acc.push(encoded);
    return acc;
  }, []);
  // First-byte lookup table for `__isCharTrimable`. Non-whitespace bytes
  // (the common case) bail out in O(1) without scanning every timchar.
  const timcharFirstBytes = new Uint8Array(256);
  for (const t of timchars) timcharFirstBytes[t[0]] = 1;
  return {
    bomSkipped: false,
    bufBytesStart: 0,
    castField: options.cast_function,
    commenting: false,
    delimiterBufPrevious: undefined,
    delimiterDiscovered: false,
    // Current error encountered by a record
    error: undefined,
    enabled: options.from_line === 1,
    escaping: false,
    escapeIsQuote:
      Buffer.isBuffer(options.escape) &&
      Buffer.isBuffer(options.quote) &&
      Buffer.compare(options.escape, options.quote) === 0,
    // columns can be `false`, `true`, `Array`
    expectedRecordLength: Array.isArray(options.columns)
      ? options.columns.length
      : undefined,
    field: new utils_ResizeableBuffer(20),
    firstLineToHeaders: options.cast_first_line_to_header,
    needMoreDataSize: Math.max(
      // Skip if the remaining buffer smaller than comment
      options.comment !== null ? options.comment.length : 0,
      // Skip if the remaining buffer can be delimiter
      ...(options.delimiter
        ? options.delimiter.map((delimiter) => delimiter.length)
        : []),
      // Auto discovery of delimiter is limited to 1 character
      options.delimiter_auto ? 1 : 0,
      // Skip if the remaining buffer can be escape sequence
      options.quote !== null ? options.quote.length : 0,
      // Skip if the remaining buffer can be a multi-byte trim character
      ...timchars.map((t) => t.length),
    ),
    previousBuf: undefined,
    quoting: false,
    stop: false,
    rawBuffer: new utils_ResizeableBuffer(100),
    record: [],
    recordHasError: false,
    record_length: 0,
    recordDelimiterMaxLength:
      options.record_delimiter.length === 0
        ? 0
        : Math.max(...options.record_delimiter.map((v) => v.length)),
    trimChars: [
      Buffer.from(" ", options.encoding)[0],
      Buffer.from("\t", options.encoding)[0],
    ],
    wasQuoting: false,
    wasRowDelimiter: false,
    timchars: timchars,
    timcharFirstBytes: timcharFirstBytes,
  };
};



;// CONCATENATED MODULE: ./node_modules/csv-parse/lib/utils/underscore.js
const underscore = function (str) {
  return str.replace(/([A-Z])/g, function (_, match) {
    return "_" + match.toLowerCase();
  });
};



;// CONCATENATED MODULE: ./node_modules/csv-parse/lib/api/normalize_options.js





const normalize_options = function (opts) {
  const options = {};
  // Merge with user options
  for (const opt in opts) {
    options[underscore(opt)] = opts[opt];
  }
  // Normalize option `encoding`
  // Note: defined first because other options depends on it
  // to convert chars/strings into buffers.
  if (options.encoding === undefined || options.encoding === true) {
    options.encoding = "utf8";
  } else if (options.encoding === null || options.encoding === false) {
    options.encoding = null;
  } else if (
    typeof options.encoding !== "string" &&
    options.encoding !== null
  ) {
    throw new CsvError(
      "CSV_INVALID_OPTION_ENCODING",
      [
        "Invalid option encoding:",
        "encoding must be a string or null to return a buffer,",
        `got ${JSON.stringify(options.encoding)}`,
      ],
      options,
    );
  }
  // Normalize option `bom`
  if (
    options.bom === undefined ||
    options.bom === null ||
    options.bom === false
  ) {
    options.bom = false;
  } else if (options.bom !== true) {
    throw new CsvError(
      "CSV_INVALID_OPTION_BOM",
      [
        "Invalid option bom:",
        "bom must be true,",
        `got ${JSON.stringify(options.bom)}`,
      ],
      options,
    );
  }
  // Normalize option `cast`
  options.cast_function = null;
  if (
    options.cast === undefined ||
    options.cast === null ||
    options.cast === false ||
    options.cast === ""
  ) {
    options.cast = undefined;
  } else if (typeof options.cast === "function") {
    options.cast_function = options.cast;
    options.cast = true;
  } else if (options.cast !== true) {
    throw new CsvError(
      "CSV_INVALID_OPTION_CAST",
      [
        "Invalid option cast:",
        "cast must be true or a function,",
        `got ${JSON.stringify(options.cast)}`,
      ],
      options,
    );
  }
  // Normalize option `cast_date`
  if (
    options.cast_date === undefined ||
    options.cast_date === null ||
    options.cast_date === false ||
    options.cast_date === ""
  ) {
    options.cast_date = false;
  } else if (options.cast_date === true) {
    options.cast_date = function (value) {
      const date = Date.parse(value);
      return !isNaN(date) ? new Date(date) : value;
    };
  } else if (typeof options.cast_date !== "function") {
    throw new CsvError(
      "CSV_INVALID_OPTION_CAST_DATE",
      [
        "Invalid option cast_date:",
        "cast_date must be true or a function,",
        `got ${JSON.stringify(options.cast_date)}`,
      ],
      options,
    );
  }
  // Normalize option `columns`
  options.cast_first_line_to_header = undefined;
  if (options.columns === true) {
    // Fields in the first line are converted as-is to columns
    options.cast_first_line_to_header = undefined;
  } else if (typeof options.columns === "function") {
    options.cast_first_line_to_header = options.columns;
    options.columns = true;
  } else if (Array.isArray(options.columns)) {
    options.columns = normalize_columns_array(options.columns);
  } else if (
    options.columns === undefined ||
    options.columns === null ||
    options.columns === false
  ) {
    options.columns = false;
  } else {
    throw new CsvError(
      "CSV_INVALID_OPTION_COLUMNS",
      [
        "Invalid option columns:",
        "expect an array, a function or true,",
        `got ${JSON.stringify(options.columns)}`,
      ],
      options,
    );
  }
  // Normalize option `group_columns_by_name`
  if (
    options.group_columns_by_name === undefined ||
    options.group_columns_by_name === null ||
    options.group_columns_by_name === false
  ) {
    options.group_columns_by_name = false;
  } else if (options.group_columns_by_name !== true) {
    throw new CsvError(
      "CSV_INVALID_OPTION_GROUP_COLUMNS_BY_NAME",
      [
        "Invalid option group_columns_by_name:",
        "expect an boolean,",
        `got ${JSON.stringify(options.group_columns_by_name)}`,
      ],
      options,
    );
  } else if (options.columns === false) {
    throw new CsvError(
      "CSV_INVALID_OPTION_GROUP_COLUMNS_BY_NAME",
      [
        "Invalid option group_columns_by_name:",
        "the `columns` mode must be activated.",
      ],
      options,
    );
  }
  // Normalize option `comment`
  if (
    options.comment === undefined ||
    options.comment === null ||
    options.comment === false ||
    options.comment === ""
  ) {
    options.comment = null;
  } else {
    if (typeof options.comment === "string") {
      options.comment = Buffer.from(options.comment, options.encoding);
    }
    if (!Buffer.isBuffer(options.comment)) {
      throw new CsvError(
        "CSV_INVALID_OPTION_COMMENT",
        [
          "Invalid option comment:",
          "comment must be a buffer or a string,",
          `got ${JSON.stringify(options.comment)}`,
        ],
        options,
      );
    }
  }
  // Normalize option `comment_no_infix`
  if (
    options.comment_no_infix === undefined ||
    options.comment_no_infix === null ||
    options.comment_no_infix === false
  ) {
    options.comment_no_infix = false;
  } else if (options.comment_no_infix !== true) {
    throw new CsvError(
      "CSV_INVALID_OPTION_COMMENT",
      [
        "Invalid option comment_no_infix:",
        "value must be a boolean,",
        `got ${JSON.stringify(options.comment_no_infix)}`,
      ],
      options,
    );
  }
  // Normalize option `delimiter_auto`
  if (
    options.delimiter_auto === undefined ||
    options.delimiter_auto === null ||
    options.delimiter_auto === false
  ) {
    options.delimiter_auto = false;
  } else if (options.delimiter_auto === true) {
    options.delimiter_auto = {};
  } else if (!is_object(options.delimiter_auto)) {
    throw new CsvError(
      "CSV_INVALID_OPTION_DELIMITER_AUTO",
      [
        "Invalid option delimiter_auto:",
        "delimiter_auto must be a boolean or a configuration object,",
        `got ${JSON.stringify(options.delimiter_auto)}`,
      ],
      options,
    );
  }
  if (options.delimiter_auto) {
    if (options.delimiter_auto.preferred === undefined)
      options.delimiter_auto.preferred = {
        [",".charCodeAt(0)]: 1.8,
        ["\t".charCodeAt(0)]: 1.8,
        [";".charCodeAt(0)]: 1.6,
        [" ".charCodeAt(0)]: 1.6,
        [":".charCodeAt(0)]: 1.5,
        [".".charCodeAt(0)]: 1.4,
        ["/".charCodeAt(0)]: 1.4,
      };
    else if (!is_object(options.delimiter_auto.preferred)) {
      throw new CsvError(
        "CSV_INVALID_OPTION_DELIMITER_AUTO",
        [
          "Invalid option delimiter_auto:",
          "preferred must be an object,",
          `got ${JSON.stringify(options.delimiter_auto.preferred)}`,
        ],
        options,
      );
    }
    if (options.delimiter_auto.score === undefined)
      options.delimiter_auto.score = (info, options) => {
        return (
          (info.total - info.std) * (options.preferred[info.char_code] || 1)
        );
      };
    else if (typeof options.delimiter_auto.score !== "function") {
      throw new CsvError(
        "CSV_INVALID_OPTION_DELIMITER_AUTO",
        [
          "Invalid option delimiter_auto:",
          "score must be a function,",
          `got ${JSON.stringify(options.delimiter_auto.score)}`,
        ],
        options,
      );
    }
    if (options.delimiter_auto.size === undefined)
      options.delimiter_auto.size = 2048;
    else if (typeof options.delimiter_auto.size !== "number") {
      throw new CsvError(
        "CSV_INVALID_OPTION_DELIMITER_AUTO",
        [
          "Invalid option delimiter_auto:",
          "size must be a number,",
          `got ${JSON.stringify(options.delimiter_auto.size)}`,
        ],
        options,
      );
    }
  }
  // Normalize option `delimiter`
  const delimiter_json = JSON.stringify(options.delimiter);
  if (options.delimiter_auto !== false) {
    options.delimiter = [];
  }
  if (!Array.isArray(options.delimiter)) {
    if (
      options.delimiter === undefined ||
      options.delimiter === null ||
      options.delimiter === false
    ) {
      options.delimiter = Buffer.from(",", options.encoding);
    }
    options.delimiter = [options.delimiter];
  }
  options.delimiter = options.delimiter.map(function (delimiter) {
    if (typeof delimiter === "string") {
      delimiter = Buffer.from(delimiter, options.encoding);
    }
    if (!Buffer.isBuffer(delimiter) || delimiter.length === 0) {
      throw new CsvError(
        "CSV_INVALID_OPTION_DELIMITER",
        [
          "Invalid option delimiter:",
          "delimiter must be a non empty string or buffer or array of string|buffer,",
          `got ${delimiter_json}`,
        ],
        options,
      );
    }
    return delimiter;
  });
  // Normalize option `escape`
  if (options.escape === undefined || options.escape === true) {
    options.escape = Buffer.from('"', options.encoding);
  } else if (typeof options.escape === "string") {
    options.escape = Buffer.from(options.escape, options.encoding);
  } else if (options.escape === null || options.escape === false) {
    options.escape = null;
  }
  if (options.escape !== null) {
    if (!Buffer.isBuffer(options.escape)) {
      throw new Error(
        `Invalid Option: escape must be a buffer, a string or a boolean, got ${JSON.stringify(options.escape)}`,
      );
    }
  }
  // Normalize option `from`
  if (options.from === undefined || options.from === null) {
    options.from = 1;
  } else {
    if (typeof options.from === "string" && /\d+/.test(options.from)) {
      options.from = parseInt(options.from);
    }
    if (Number.isInteger(options.from)) {
      if (options.from < 0) {
        throw new Error(
          `Invalid Option: from must be a positive integer, got ${JSON.stringify(opts.from)}`,
        );
      }
    } else {
      throw new Error(
        `Invalid Option: from must be an integer, got ${JSON.stringify(options.from)}`,
      );
    }
  }
  // Normalize option `from_line`
  if (options.from_line === undefined || options.from_line === null) {
    options.from_line = 1;
  } else {
    if (
      typeof options.from_line === "string" &&
      /\d+/.test(options.from_line)
    ) {
      options.from_line = parseInt(options.from_line);
    }
    if (Number.isInteger(options.from_line)) {
      if (options.from_line <= 0) {
        throw new Error(
          `Invalid Option: from_line must be a positive integer greater than 0, got ${JSON.stringify(opts.from_line)}`,
        );
      }
    } else {
      throw new Error(
        `Invalid Option: from_line must be an integer, got ${JSON.stringify(opts.from_line)}`,
      );
    }
  }
  // Normalize options `ignore_last_delimiters`
  if (
    options.ignore_last_delimiters === undefined ||
    options.ignore_last_delimiters === null
  ) {
    options.ignore_last_delimiters = false;
  } else if (typeof options.ignore_last_delimiters === "number") {
    options.ignore_last_delimiters = Math.floor(options.ignore_last_delimiters);
    if (options.ignore_last_delimiters === 0) {
      options.ignore_last_delimiters = false;
    }
  } else if (typeof options.ignore_last_delimiters !== "boolean") {
    throw new CsvError(
      "CSV_INVALID_OPTION_IGNORE_LAST_DELIMITERS",
      [
        "Invalid option `ignore_last_delimiters`:",
        "the value must be a boolean value or an integer,",
        `got ${JSON.stringify(options.ignore_last_delimiters)}`,
      ],
      options,
    );
  }
  if (options.ignore_last_delimiters === true && options.columns === false) {
    throw new CsvError(
      "CSV_IGNORE_LAST_DELIMITERS_REQUIRES_COLUMNS",
      [
        "The option `ignore_last_delimiters`",
        "requires the activation of the `columns` option",
      ],
      options,
    );
  }
  // Normalize option `info`
  if (
    options.info === undefined ||
    options.info === null ||
    options.info === false
  ) {
    options.info = false;
  } else if (options.info !== true) {
    throw new Error(
      `Invalid Option: info must be true, got ${JSON.stringify(options.info)}`,
    );
  }
  // Normalize option `max_record_size`
  if (
    options.max_record_size === undefined ||
    options.max_record_size === null ||
    options.max_record_size === false
  ) {
    options.max_record_size = 0;
  } else if (
    Number.isInteger(options.max_record_size) &&
    options.max_record_size >= 0
  ) {
    // Great, nothing to do
  } else if (
    typeof options.max_record_size === "string" &&
    /\d+/.test(options.max_record_size)
  ) {
    options.max_record_size = parseInt(options.max_record_size);
  } else {
    throw new Error(
      `Invalid Option: max_record_size must be a positive integer, got ${JSON.stringify(options.max_record_size)}`,
    );
  }
  // Normalize option `objname`
  if (
    options.objname === undefined ||
    options.objname === null ||
    options.objname === false
  ) {
    options.objname = undefined;
  } else if (Buffer.isBuffer(options.objname)) {
    if (options.objname.length === 0) {
      throw new Error(`Invalid Option: objname must be a non empty buffer`);
    }
    if (options.encoding === null) {
      // Don't call `toString`, leave objname as a buffer
    } else {
      options.objname = options.objname.toString(options.encoding);
    }
  } else if (typeof options.objname === "string") {
    if (options.objname.length === 0) {
      throw new Error(`Invalid Option: objname must be a non empty string`);
    }
    // Great, nothing to do
  } else if (typeof options.objname === "number") {
    // if(options.objname.length === 0){
    //   throw new Error(`Invalid Option: objname must be a non empty string`);
    // }
    // Great, nothing to do
  } else {
    throw new Error(
      `Invalid Option: objname must be a string or a buffer, got ${options.objname}`,
    );
  }
  if (options.objname !== undefined) {
    if (typeof options.objname === "number") {
      if (options.columns !== false) {
        throw Error(
          "Invalid Option: objname index cannot be combined with columns or be defined as a field",
        );
      }
    } else {
      // A string or a buffer
      if (options.columns === false) {
        throw Error(
          "Invalid Option: objname field must be combined with columns or be defined as an index",
        );
      }
    }
  }
  // Normalize option `on_record`
  if (options.on_record === undefined || options.on_record === null) {
    options.on_record = undefined;
  } else if (typeof options.on_record !== "function") {
    throw new CsvError(
      "CSV_INVALID_OPTION_ON_RECORD",
      [
        "Invalid option `on_record`:",
        "expect a function,",
        `got ${JSON.stringify(options.on_record)}`,
      ],
      options,
    );
  }
  // Normalize option `on_skip`
  // options.on_skip ??= (err, chunk) => {
  //   this.emit('skip', err, chunk);
  // };
  if (
    options.on_skip !== undefined &&
    options.on_skip !== null &&
    typeof options.on_skip !== "function"
  ) {
    throw new Error(
      `Invalid Option: on_skip must be a function, got ${JSON.stringify(options.on_skip)}`,
    );
  }
  // Normalize option `quote`
  if (
    options.quote === null ||
    options.quote === false ||
    options.quote === ""
  ) {
    options.quote = null;
  } else {
    if (options.quote === undefined || options.quote === true) {
      options.quote = Buffer.from('"', options.encoding);
    } else if (typeof options.quote === "string") {
      options.quote = Buffer.from(options.quote, options.encoding);
    }
    if (!Buffer.isBuffer(options.quote)) {
      throw new Error(
        `Invalid Option: quote must be a buffer or a string, got ${JSON.stringify(options.quote)}`,
      );
    }
  }
  // Normalize option `raw`
  if (
    options.raw === undefined ||
    options.raw === null ||
    options.raw === false
  ) {
    options.raw = false;
  } else if (options.raw !== true) {
    throw new Error(
      `Invalid Option: raw must be true, got ${JSON.stringify(options.raw)}`,
    );
  }
  // Normalize option `record_delimiter`
  if (options.record_delimiter === undefined) {
    options.record_delimiter = [];
  } else if (
    typeof options.record_delimiter === "string" ||
    Buffer.isBuffer(options.record_delimiter)
  ) {
    if (options.record_delimiter.length === 0) {
      throw new CsvError(
        "CSV_INVALID_OPTION_RECORD_DELIMITER",
        [
          "Invalid option `record_delimiter`:",
          "value must be a non empty string or buffer,",
          `got ${JSON.stringify(options.record_delimiter)}`,
        ],
        options,
      );
    }
    options.record_delimiter = [options.record_delimiter];
  } else if (!Array.isArray(options.record_delimiter)) {
    throw new CsvError(
      "CSV_INVALID_OPTION_RECORD_DELIMITER",
      [
        "Invalid option `record_delimiter`:",
        "value must be a string, a buffer or array of string|buffer,",
        `got ${JSON.stringify(options.record_delimiter)}`,
      ],
      options,
    );
  }
  options.record_delimiter = options.record_delimiter.map(function (rd, i) {
    if (typeof rd !== "string" && !Buffer.isBuffer(rd)) {
      throw new CsvError(
        "CSV_INVALID_OPTION_RECORD_DELIMITER",
        [
          "Invalid option `record_delimiter`:",
          "value must be a string, a buffer or array of string|buffer",
          `at index ${i},`,
          `got ${JSON.stringify(rd)}`,
        ],
        options,
      );
    } else if (rd.length === 0) {
      throw new CsvError(
        "CSV_INVALID_OPTION_RECORD_DELIMITER",
        [
          "Invalid option `record_delimiter`:",
          "value must be a non empty string or buffer",
          `at index ${i},`,
          `got ${JSON.stringify(rd)}`,
        ],
        options,
      );
    }
    if (typeof rd === "string") {
      rd = Buffer.from(rd, options.encoding);
    }
    return rd;
  });
  // Normalize option `relax_column_count`
  if (typeof options.relax_column_count === "boolean") {
    // Great, nothing to do
  } else if (
    options.relax_column_count === undefined ||
    options.relax_column_count === null
  ) {
    options.relax_column_count = false;
  } else {
    throw new Error(
      `Invalid Option: relax_column_count must be a boolean, got ${JSON.stringify(options.relax_column_count)}`,
    );
  }
  if (typeof options.relax_column_count_less === "boolean") {
    // Great, nothing to do
  } else if (
    options.relax_column_count_less === undefined ||
    options.relax_column_count_less === null
  ) {
    options.relax_column_count_less = false;
  } else {
    throw new Error(
      `Invalid Option: relax_column_count_less must be a boolean, got ${JSON.stringify(options.relax_column_count_less)}`,
    );
  }
  if (typeof options.relax_column_count_more === "boolean") {
    // Great, nothing to do
  } else if (
    options.relax_column_count_more === undefined ||
    options.relax_column_count_more === null
  ) {
    options.relax_column_count_more = false;
  } else {
    throw new Error(
      `Invalid Option: relax_column_count_more must be a boolean, got ${JSON.stringify(options.relax_column_count_more)}`,
    );
  }
  // Normalize option `relax_quotes`
  if (typeof options.relax_quotes === "boolean") {
    // Great, nothing to do
  } else if (
    options.relax_quotes === undefined ||
    options.relax_quotes === null
  ) {
    options.relax_quotes = false;
  } else {
    throw new Error(
      `Invalid Option: relax_quotes must be a boolean, got ${JSON.stringify(options.relax_quotes)}`,
    );
  }
  // Normalize option `skip_empty_lines`
  if (typeof options.skip_empty_lines === "boolean") {
    // Great, nothing to do
  } else if (
    options.skip_empty_lines === undefined ||
    options.skip_empty_lines === null
  ) {
    options.skip_empty_lines = false;
  } else {
    throw new Error(
      `Invalid Option: skip_empty_lines must be a boolean, got ${JSON.stringify(options.skip_empty_lines)}`,
    );
  }
  // Normalize option `skip_records_with_empty_values`
  if (typeof options.skip_records_with_empty_values === "boolean") {
    // Great, nothing to do
  } else if (
    options.skip_records_with_empty_values === undefined ||
    options.skip_records_with_empty_values === null
  ) {
    options.skip_records_with_empty_values = false;
  } else {
    throw new Error(
      `Invalid Option: skip_records_with_empty_values must be a boolean, got ${JSON.stringify(options.skip_records_with_empty_values)}`,
    );
  }
  // Normalize option `skip_records_with_error`
  if (typeof options.skip_records_with_error === "boolean") {
    // Great, nothing to do
  } else if (
    options.skip_records_with_error === undefined ||
    options.skip_records_with_error === null
  ) {
    options.skip_records_with_error = false;
  } else {
    throw new Error(
      `Invalid Option: skip_records_with_error must be a boolean, got ${JSON.stringify(options.skip_records_with_error)}`,
    );
  }
  // Normalize option `rtrim`
  if (
    options.rtrim === undefined ||
    options.rtrim === null ||
    options.rtrim === false
  ) {
    options.rtrim = false;
  } else if (options.rtrim !== true) {
    throw new Error(
      `Invalid Option: rtrim must be a boolean, got ${JSON.stringify(options.rtrim)}`,
    );
  }
  // Normalize option `ltrim`
  if (
    options.ltrim === undefined ||
    options.ltrim === null ||
    options.ltrim === false
  ) {
    options.ltrim = false;
  } else if (options.ltrim !== true) {
    throw new Error(
      `Invalid Option: ltrim must be a boolean, got ${JSON.stringify(options.ltrim)}`,
    );
  }
  // Normalize option `trim`
  if (
    options.trim === undefined ||
    options.trim === null ||
    options.trim === false
  ) {
    options.trim = false;
  } else if (options.trim !== true) {
    throw new Error(
      `Invalid Option: trim must be a boolean, got ${JSON.stringify(options.trim)}`,
    );
  }
  // Normalize options `trim`, `ltrim` and `rtrim`
  if (options.trim === true && opts.ltrim !== false) {
    options.ltrim = true;
  } else if (options.ltrim !== true) {
    options.ltrim = false;
  }
  if (options.trim === true && opts.rtrim !== false) {
    options.rtrim = true;
  } else if (options.rtrim !== true) {
    options.rtrim = false;
  }
  // Normalize option `to`
  if (options.to === undefined || options.to === null) {
    options.to = -1;
  } else if (options.to !== -1) {
    if (typeof options.to === "string" && /\d+/.test(options.to)) {
      options.to = parseInt(options.to);
    }
    if (Number.isInteger(options.to)) {
      if (options.to <= 0) {
        throw new Error(
          `Invalid Option: to must be a positive integer greater than 0, got ${JSON.stringify(opts.to)}`,
        );
      }
    } else {
      throw new Error(
        `Invalid Option: to must be an integer, got ${JSON.stringify(opts.to)}`,
      );
    }
  }
  // Normalize option `to_line`
  if (options.to_line === undefined || options.to_line === null) {
    options.to_line = -1;
  } else if (options.to_line !== -1) {
    if (typeof options.to_line === "string" && /\d+/.test(options.to_line)) {
      options.to_line = parseInt(options.to_line);
    }
    if (Number.isInteger(options.to_line)) {
      if (options.to_line <= 0) {
        throw new Error(
          `Invalid Option: to_line must be a positive integer greater than 0, got ${JSON.stringify(opts.to_line)}`,
        );
      }
    } else {
      throw new Error(
        `Invalid Option: to_line must be an integer, got ${JSON.stringify(opts.to_line)}`,
      );
    }
  }
  return options;
};



;// CONCATENATED MODULE: ./node_modules/csv-parse/lib/utils/delimiter_discover.js



// Discussed in [issue #400](https://github.com/adaltas/node-csv/issues/400)
// See https://github.com/python/cpython/blob/ea1b1c579f600cc85d145c60862b2e6b98701b24/Lib/csv.py#L349
const delimiter_discover = function (records, options) {
  // Normalize the configuration
  if (!options) {
    ({ delimiter_auto: options } = normalize_options({ delimiter_auto: true }));
  }
  // Convert String to Buffer
  if (typeof records === "string") {
    records = Buffer.from(records);
  }
  // Convert Buffer to an array of records
  if (Buffer.isBuffer(records)) {
    records = ((data) => {
      const records = [];
      const parser = transform({ delimiter: [] });
      const push = (record) => records.push(record);
      const close = () => {};
      const error = parser.parse(data, true, push, close);
      if (error !== undefined) throw error;
      return records;
    })(records);
  }
  // Info array initialization, 127 entries, one per char code
  const info = Array(127)
    .fill()
    .map(() => ({ lines: [] }));
  // Traverse each records, count occurences per char code
  records.map(([record], line) => {
    for (let i = 0, l = record.length; i < l; i++) {
      // Count the character frequency
      const code = record.charCodeAt(i);
      if (info[code].lines[line] === undefined) info[code].lines[line] = 0;
      info[code].lines[line]++;
    }
  });
  // Traverse each char code, compute the score
  info.map((info, i) => {
    info.char_code = i;
    info.std = std(info.lines);
    info.total = info.lines.reduce((acc, val) => acc + val, 0);
    info.preferred = !!options.preferred[i];
    info.score = options.score(info, options);
  });
  // Extract the dominant character
  const result = info.reduce(
    (acc, info) => (acc.score > info.score ? acc : info),
    {},
  );
  return String.fromCharCode(result.char_code);
};

const std = function (array) {
  const n = array.length;
  if (n === 0) return 0;
  const mean = array.reduce((a, b) => a + b) / n;
  return Math.sqrt(
    array.map((x) => Math.pow(x - mean, 2)).reduce((a, b) => a + b) / n,
  );
};



;// CONCATENATED MODULE: ./node_modules/csv-parse/lib/api/index.js






const isRecordEmpty = function (record) {
  return record.every(
    (field) =>
      field == null || (field.toString && field.toString().trim() === ""),
  );
};

const cr = 13; // `\r`, carriage return, 0x0D in hexadécimal, 13 in decimal
const nl = 10; // `\n`, newline, 0x0A in hexadecimal, 10 in decimal

const boms = {
  // Note, the following are equals:
  // Buffer.from("\ufeff")
  // Buffer.from([239, 187, 191])
  // Buffer.from('EFBBBF', 'hex')
  utf8: Buffer.from([239, 187, 191]),
  // Note, the following are equals:
  // Buffer.from "\ufeff", 'utf16le
  // Buffer.from([255, 254])
  utf16le: Buffer.from([255, 254]),
};

const transform = function (original_options = {}) {
  const info = {
    bytes: 0,
    bytes_records: 0,
    comment_lines: 0,
    empty_lines: 0,
    invalid_field_length: 0,
    lines: 1,
    records: 0,
  };
  const options = normalize_options(original_options);
  return {
    info: info,
    original_options: original_options,
    options: options,
    state: init_state(options),
    __needMoreData: function (i, bufLen, end) {
      if (end) return false;
      const { encoding, escape, quote } = this.options;
      const { quoting, needMoreDataSize, recordDelimiterMaxLength } =
        this.state;
      const numOfCharLeft = bufLen - i - 1;
      const requiredLength = Math.max(
        needMoreDataSize,
        // Skip if the remaining buffer smaller than record delimiter
        // If "record_delimiter" is yet to be discovered:
        // 1. It is equals to `[]` and "recordDelimiterMaxLength" equals `0`
        // 2. We set the length to windows line ending in the current encoding
        // Note, that encoding is known from user or bom discovery at that point
        // recordDelimiterMaxLength,
        recordDelimiterMaxLength === 0
          ? Buffer.from("\r\n", encoding).length
          : recordDelimiterMaxLength,
        // Skip if remaining buffer can be an escaped quote
        quoting ? (escape === null ? 0 : escape.length) + quote.length : 0,
        // Skip if remaining buffer can be record delimiter following the closing quote
        quoting ? quote.length + recordDelimiterMaxLength : 0,
      );
      return numOfCharLeft < requiredLength;
    },
    // Central parser implementation
    parse: function (nextBuf, end, push, close) {
      const {
        bom,
        comment_no_infix,
        delimiter_auto,
        encoding,
        from_line,
        ltrim,
        max_record_size,
        raw,
        relax_quotes,
        rtrim,
        skip_empty_lines,
        to,
        to_line,
      } = this.options;
      let { comment, escape, quote, record_delimiter } = this.options;
      const {
        bomSkipped,
        delimiterDiscovered,
        delimiterBufPrevious,
        rawBuffer,
        escapeIsQuote,
      } = this.state;
      // Automatic delimiter discovery
      if (!delimiterDiscovered && delimiter_auto) {
        let delimiterBuf;
        if (delimiterBufPrevious === undefined) {
          delimiterBuf = nextBuf;
        } else if (
          delimiterBufPrevious !== undefined &&
          nextBuf === undefined
        ) {
          delimiterBuf = delimiterBufPrevious;
        } else {
          delimiterBuf = Buffer.concat([delimiterBufPrevious, nextBuf]);
        }
        // Ensure that nextBuf is not concatenated a second time during buffer reconciliation
        nextBuf = undefined;
        // this.delimiterBufPrevious = delimiterBuf;
        if (end || delimiterBuf.length > delimiter_auto.size) {
          this.options.delimiter = [
            Buffer.from(
              delimiter_discover(delimiterBuf, this.options.delimiter_auto),
            ),
          ];
          this.state.previousBuf = delimiterBuf;
          this.state.delimiterBufPrevious = undefined;
          this.state.delimiterDiscovered = true;
        } else {
          this.state.delimiterBufPrevious = delimiterBuf;
          return;
        }
      }
      // Previous buffers reconciliation
      const { previousBuf } = this.state;
      let buf;
      if (previousBuf === undefined) {
        if (nextBuf === undefined) {
          // Handle empty string
          close();
          return;
        } else {
          buf = nextBuf;
        }
      } else if (previousBuf !== undefined && nextBuf === undefined) {
        buf = previousBuf;
      } else {
        buf = Buffer.concat([previousBuf, nextBuf]);
      }
      // Handle UTF BOM
      if (bomSkipped === false) {
        if (bom === false) {
          this.state.bomSkipped = true;
        } else if (buf.length < 3) {
          // No enough data
          if (end === false) {
            // Wait for more data
            this.state.previousBuf = buf;
            return;
          }
        } else {
          for (const encoding in boms) {
            if (boms[encoding].compare(buf, 0, boms[encoding].length) === 0) {
              // Skip BOM
              const bomLength = boms[encoding].length;
              this.state.bufBytesStart += bomLength;
              buf = buf.slice(bomLength);
              // Renormalize original options with the new encoding
              const options = normalize_options({
                ...this.original_options,
                encoding: encoding,
              });
              // Properties are merged with the existing options instance
              for (const key in options) {
                this.options[key] = options[key];
              }
              // Options will re-evaluate the Buffer with the new encoding
              ({ comment, escape, quote } = this.options);
              break;
            }
          }
          this.state.bomSkipped = true;
        }
      }
      const bufLen = buf.length;
      let pos;
      for (pos = 0; pos < bufLen; pos++) {
        // Ensure we get enough space to look ahead
        // There should be a way to move this out of the loop
        if (this.__needMoreData(pos, bufLen, end)) {
          break;
        }
        if (this.state.wasRowDelimiter === true) {
          this.info.lines++;
          this.state.wasRowDelimiter = false;
        }
        if (to_line !== -1 && this.info.lines > to_line) {
          this.state.stop = true;
          close();
          return;
        }
        // Auto discovery of record_delimiter, unix, mac and windows supported
        if (this.state.quoting === false && record_delimiter.length === 0) {
          const record_delimiterCount = this.__autoDiscoverRecordDelimiter(
            buf,
            pos,
          );
          if (record_delimiterCount) {
            record_delimiter = this.options.record_delimiter;
          }
        }
        const chr = buf[pos];
        if (raw === true) {
          rawBuffer.append(chr);
        }
        if (
          (chr === cr || chr === nl) &&
          this.state.wasRowDelimiter === false
        ) {
          this.state.wasRowDelimiter = true;
        }
        // Previous char was a valid escape char
        // treat the current char as a regular char
        if (this.state.escaping === true) {
          this.state.escaping = false;
        } else {
          // Escape is only active inside quoted fields
          // We are quoting, the char is an escape chr and there is a chr to escape
          // if(escape !== null && this.state.quoting === true && chr === escape && pos + 1 < bufLen){
          if (
            escape !== null &&
            this.state.quoting === true &&
            this.__isEscape(buf, pos, chr) &&
            pos + escape.length < bufLen
          ) {
            if (escapeIsQuote) {
              if (this.__isQuote(buf, pos + escape.length)) {
                this.state.escaping = true;
                pos += escape.length - 1;
                continue;
              }
            } else {
              this.state.escaping = true;
              pos += escape.length - 1;
              continue;
            }
          }
          // Not currently escaping and chr is a quote
          // TODO: need to compare bytes instead of single char
          if (this.state.commenting === false && this.__isQuote(buf, pos)) {
            if (this.state.quoting === true) {
              const nextChr = buf[pos + quote.length];
              const isNextChrTrimable =
                rtrim && this.__isCharTrimable(buf, pos + quote.length);
              const isNextChrComment =
                comment !== null &&
                this.__compareBytes(comment, buf, pos + quote.length, nextChr);
              const isNextChrDelimiter = this.__isDelimiter(
                buf,
                pos + quote.length,
                nextChr,
              );
              const isNextChrRecordDelimiter =
                record_delimiter.length === 0
                  ? this.__autoDiscoverRecordDelimiter(buf, pos + quote.length)
                  : this.__isRecordDelimiter(nextChr, buf, pos + quote.length);
              // Escape a quote
              // Treat next char as a regular character
              if (
                escape !== null &&
                this.__isEscape(buf, pos, chr) &&
                this.__isQuote(buf, pos + escape.length)
              ) {
                pos += escape.length - 1;
              } else if (
                !nextChr ||
                isNextChrDelimiter ||
                isNextChrRecordDelimiter ||
                isNextChrComment ||
                isNextChrTrimable
              ) {
                this.state.quoting = false;
                this.state.wasQuoting = true;
                pos += quote.length - 1;
                continue;
              } else if (relax_quotes === false) {
                const err = this.__error(
                  new CsvError(
                    "CSV_INVALID_CLOSING_QUOTE",
                    [
                      "Invalid Closing Quote:",
                      `got "${String.fromCharCode(nextChr)}"`,
                      `at line ${this.info.lines}`,
                      "instead of delimiter, record delimiter, trimable character",
                      "(if activated) or comment",
                    ],
                    this.options,
                    this.__infoField(),
                  ),
                );
                if (err !== undefined) return err;
              } else {
                this.state.quoting = false;
                this.state.wasQuoting = true;
                this.state.field.prepend(quote);
                pos += quote.length - 1;
              }
            } else {
              if (this.state.field.length !== 0) {
                // In relax_quotes mode, treat opening quote preceded by chrs as regular
                if (relax_quotes === false) {
                  const info = this.__infoField();
                  const bom = Object.keys(boms)
                    .map((b) =>
                      boms[b].equals(this.state.field.toString()) ? b : false,
                    )
                    .filter(Boolean)[0];
                  const err = this.__error(
                    new CsvError(
                      "INVALID_OPENING_QUOTE",
                      [
                        "Invalid Opening Quote:",
                        `a quote is found on field ${JSON.stringify(info.column)} at line ${info.lines}, value is ${JSON.stringify(this.state.field.toString(encoding))}`,
                        bom ? `(${bom} bom)` : undefined,
                      ],
                      this.options,
                      info,
                      {
                        field: this.state.field,
                      },
                    ),
                  );
                  if (err !== undefined) return err;
                }
              } else {
                this.state.quoting = true;
                pos += quote.length - 1;
                continue;
              }
            }
          }
          if (this.state.quoting === false) {
            const recordDelimiterLength = this.__isRecordDelimiter(
              chr,
              buf,
              pos,
            );
            if (recordDelimiterLength !== 0) {
              // Do not emit comments which take a full line
              const skipCommentLine =
                this.state.commenting &&
                this.state.wasQuoting === false &&
                this.state.record.length === 0 &&
                this.state.field.length === 0;
              if (skipCommentLine) {
                this.info.comment_lines++;
                // Skip full comment line
              } else {
                // Activate records emission if above from_line
                if (
                  this.state.enabled === false &&
                  this.info.lines +
                    (this.state.wasRowDelimiter === true ? 1 : 0) >=
                    from_line
                ) {
                  this.state.enabled = true;
                  this.__resetField();
                  this.__resetRecord();
                  pos += recordDelimiterLength - 1;
                  continue;
                }
                // Skip if line is empty and skip_empty_lines activated
                if (
                  skip_empty_lines === true &&
                  this.state.wasQuoting === false &&
                  this.state.record.length === 0 &&
                  this.state.field.length === 0
                ) {
                  this.info.empty_lines++;
                  pos += recordDelimiterLength - 1;
                  continue;
                }
                this.info.bytes = this.state.bufBytesStart + pos;
                const errField = this.__onField();
                if (errField !== undefined) return errField;
                this.info.bytes =
                  this.state.bufBytesStart + pos + recordDelimiterLength;
                const errRecord = this.__onRecord(push);
                if (errRecord !== undefined) return errRecord;
                if (to !== -1 && this.info.records >= to) {
                  this.state.stop = true;
                  close();
                  return;
                }
              }
              this.state.commenting = false;
              pos += recordDelimiterLength - 1;
              continue;
            }
            if (this.state.commenting) {
              continue;
            }
            if (
              comment !== null &&
              (comment_no_infix === false ||
                (this.state.record.length === 0 &&
                  this.state.field.length === 0))
            ) {
              const commentCount = this.__compareBytes(comment, buf, pos, chr);
              if (commentCount !== 0) {
                this.state.commenting = true;
                continue;
              }
            }
            const delimiterLength = this.__isDelimiter(buf, pos, chr);
            if (delimiterLength !== 0) {
              this.info.bytes = this.state.bufBytesStart + pos;
              const errField = this.__onField();
              if (errField !== undefined) return errField;
              pos += delimiterLength - 1;
              continue;
            }
          }
        }
        if (this.state.commenting === false) {
          if (
            max_record_size !== 0 &&
            this.state.record_length + this.state.field.length > max_record_size
          ) {
            return this.__error(
              new CsvError(
                "CSV_MAX_RECORD_SIZE",
                [
                  "Max Record Size:",
                  "record exceed the maximum number of tolerated bytes",
                  `of ${max_record_size}`,
                  `at line ${this.info.lines}`,
                ],
                this.options,
                this.__infoField(),
              ),
            );
          }
        }
        const lappend =
          ltrim === false ||
          this.state.quoting === true ||
          this.state.field.length !== 0 ||
          !this.__isCharTrimable(buf, pos);
        // rtrim in non quoting is handle in __onField
        const rappend = rtrim === false || this.state.wasQuoting === false;
        if (lappend === true && rappend === true) {
          this.state.field.append(chr);
        } else if (rtrim === true && !this.__isCharTrimable(buf, pos)) {
          return this.__error(
            new CsvError(
              "CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE",
              [
                "Invalid Closing Quote:",
                "found non trimable byte after quote",
                `at line ${this.info.lines}`,
              ],
              this.options,
              this.__infoField(),
            ),
          );
        } else {
          if (lappend === false) {
            pos += this.__isCharTrimable(buf, pos) - 1;
          }
          continue;
        }
      }
      if (end === true) {
        // Ensure we are not ending in a quoting state
        if (this.state.quoting === true) {
          const err = this.__error(
            new CsvError(
              "CSV_QUOTE_NOT_CLOSED",
              [
                "Quote Not Closed:",
                `the parsing is finished with an opening quote at line ${this.info.lines}`,
              ],
              this.options,
              this.__infoField(),
            ),
          );
          if (err !== undefined) return err;
        } else {
          // Skip last line if it has no characters
          if (
            this.state.wasQuoting === true ||
            this.state.record.length !== 0 ||
            this.state.field.length !== 0
          ) {
            this.info.bytes = this.state.bufBytesStart + pos;
            const errField = this.__onField();
            if (errField !== undefined) return errField;
            const errRecord = this.__onRecord(push);
            if (errRecord !== undefined) return errRecord;
          } else if (this.state.wasRowDelimiter === true) {
            this.info.empty_lines++;
          } else if (this.state.commenting === true) {
            this.info.comment_lines++;
          }
        }
      } else {
        this.state.bufBytesStart += pos;
        this.state.previousBuf = buf.slice(pos);
      }
      if (this.state.wasRowDelimiter === true) {
        this.info.lines++;
        this.state.wasRowDelimiter = false;
      }
    },
    __onRecord: function (push) {
      const {
        columns,
        group_columns_by_name,
        encoding,
        info,
        from,
        relax_column_count,
        relax_column_count_less,
        relax_column_count_more,
        raw,
        skip_records_with_empty_values,
      } = this.options;
      const { enabled, record } = this.state;
      if (enabled === false) {
        return this.__resetRecord();
      }
      // Convert the first line into column names
      const recordLength = record.length;
      if (columns === true) {
        if (skip_records_with_empty_values === true && isRecordEmpty(record)) {
          this.__resetRecord();
          return;
        }
        return this.__firstLineToColumns(record);
      }
      if (columns === false && this.info.records === 0) {
        this.state.expectedRecordLength = recordLength;
      }
      if (recordLength !== this.state.expectedRecordLength) {
        const err =
          columns === false
            ? new CsvError(
                "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH",
                [
                  "Invalid Record Length:",
                  `expect ${this.state.expectedRecordLength},`,
                  `got ${recordLength} on line ${this.info.lines}`,
                ],
                this.options,
                this.__infoField(),
                {
                  record: record,
                },
              )
            : new CsvError(
                "CSV_RECORD_INCONSISTENT_COLUMNS",
                [
                  "Invalid Record Length:",
                  `columns length is ${columns.length},`, // rename columns
                  `got ${recordLength} on line ${this.info.lines}`,
                ],
                this.options,
                this.__infoField(),
                {
                  record: record,
                },
              );
        if (
          relax_column_count === true ||
          (relax_column_count_less === true &&
            recordLength < this.state.expectedRecordLength) ||
          (relax_column_count_more === true &&
            recordLength > this.state.expectedRecordLength)
        ) {
          this.info.invalid_field_length++;
          this.state.error = err;
          // Error is undefined with skip_records_with_error
        } else {
          const finalErr = this.__error(err);
          if (finalErr) return finalErr;
        }
      }
      if (skip_records_with_empty_values === true && isRecordEmpty(record)) {
        this.__resetRecord();
        return;
      }
      if (this.state.recordHasError === true) {
        this.__resetRecord();
        this.state.recordHasError = false;
        return;
      }
      this.info.records++;
      if (from === 1 || this.info.records >= from) {
        const { objname } = this.options;
        // With columns, records are object
        if (columns !== false) {
          const obj = {};
          // Transform record array to an object
          for (let i = 0, l = record.length; i < l; i++) {
            if (columns[i] === undefined || columns[i].disabled) continue;
            // Turn duplicate columns into an array
            if (
              group_columns_by_name === true &&
              Object.hasOwn(obj, columns[i].name)
            ) {
              if (Array.isArray(obj[columns[i].name])) {
                obj[columns[i].name] = obj[columns[i].name].concat(record[i]);
              } else {
                obj[columns[i].name] = [obj[columns[i].name], record[i]];
              }
            } else {
              Object.defineProperty(obj, columns[i].name, {
                value: record[i],
                enumerable: true,
                writable: true,
                configurable: true,
              });
            }
          }
          // Without objname (default)
          if (raw === true || info === true) {
            const extRecord = Object.assign(
              { record: obj },
              raw === true
                ? { raw: this.state.rawBuffer.toString(encoding) }
                : {},
              info === true ? { info: this.__infoRecord() } : {},
            );
            const err = this.__push(
              objname === undefined ? extRecord : [obj[objname], extRecord],
              push,
            );
            if (err) {
              return err;
            }
          } else {
            const err = this.__push(
              objname === undefined ? obj : [obj[objname], obj],
              push,
            );
            if (err) {
              return err;
            }
          }
          // Without columns, records are array
        } else {
          if (raw === true || info === true) {
            const extRecord = Object.assign(
              { record: record },
              raw === true
                ? { raw: this.state.rawBuffer.toString(encoding) }
                : {},
              info === true ? { info: this.__infoRecord() } : {},
            );
            const err = this.__push(
              objname === undefined ? extRecord : [record[objname], extRecord],
              push,
            );
            if (err) {
              return err;
            }
          } else {
            const err = this.__push(
              objname === undefined ? record : [record[objname], record],
              push,
            );
            if (err) {
              return err;
            }
          }
        }
      }
      this.__resetRecord();
    },
    __firstLineToColumns: function (record) {
      const { firstLineToHeaders } = this.state;
      try {
        const headers =
          firstLineToHeaders === undefined
            ? record
            : firstLineToHeaders.call(null, record);
        if (!Array.isArray(headers)) {
          return this.__error(
            new CsvError(
              "CSV_INVALID_COLUMN_MAPPING",
              [
                "Invalid Column Mapping:",
                "expect an array from column function,",
                `got ${JSON.stringify(headers)}`,
              ],
              this.options,
              this.__infoField(),
              {
                headers: headers,
              },
            ),
          );
        }
        const normalizedHeaders = normalize_columns_array(headers);
        this.state.expectedRecordLength = normalizedHeaders.length;
        this.options.columns = normalizedHeaders;
        this.__resetRecord();
        return;
      } catch (err) {
        return err;
      }
    },
    __resetRecord: function () {
      if (this.options.raw === true) {
        this.state.rawBuffer.reset();
      }
      this.state.error = undefined;
      this.state.record = [];
      this.state.record_length = 0;
    },
    __onField: function () {
      const { cast, encoding, rtrim, max_record_size } = this.options;
      const { enabled, wasQuoting } = this.state;
      // Short circuit for the from_line options
      if (enabled === false) {
        return this.__resetField();
      }
      let field = this.state.field.toString(encoding);
      if (rtrim === true && wasQuoting === false) {
        field = field.trimRight();
      }
      if (cast === true) {
        const [err, f] = this.__cast(field);
        if (err !== undefined) return err;
        field = f;
      }
      this.state.record.push(field);
      // Increment record length if record size must not exceed a limit
      if (max_record_size !== 0 && typeof field === "string") {
        this.state.record_length += field.length;
      }
      this.__resetField();
    },
    __resetField: function () {
      this.state.field.reset();
      this.state.wasQuoting = false;
    },
    __push: function (record, push) {
      const { on_record } = this.options;
      if (on_record !== undefined) {
        const info = this.__infoRecord();
        try {
          record = on_record.call(null, record, info);
        } catch (err) {
          return err;
        }
        if (record === undefined || record === null) {
          return;
        }
      }
      this.info.bytes_records += this.info.bytes;
      push(record);
    },
    // Return a tuple with the error and the casted value
    __cast: function (field) {
      const { columns, relax_column_count } = this.options;
      const isColumns = Array.isArray(columns);
      // Dont loose time calling cast
      // because the final record is an object
      // and this field can't be associated to a key present in columns
      if (
        isColumns === true &&
        relax_column_count &&
        this.options.columns.length <= this.state.record.length
      ) {
        return [undefined, undefined];
      }
      if (this.state.castField !== null) {
        try {
          const info = this.__infoField();
          return [undefined, this.state.castField.call(null, field, info)];
        } catch (err) {
          return [err];
        }
      }
      if (this.__isFloat(field)) {
        return [undefined, parseFloat(field)];
      } else if (this.options.cast_date !== false) {
        const info = this.__infoField();
        return [undefined, this.options.cast_date.call(null, field, info)];
      }
      return [undefined, field];
    },
    __compareBytes: function (sourceBuf, targetBuf, targetPos, firstByte) {
      if (sourceBuf[0] !== firstByte) return 0;
      const sourceLength = sourceBuf.length;
      for (let i = 1; i < sourceLength; i++) {
        if (sourceBuf[i] !== targetBuf[targetPos + i]) return 0;
      }
      return sourceLength;
    },
    // Helper to test if a character is trimable
    __isCharTrimable: function (buf, pos) {
      const { timchars, timcharFirstBytes } = this.state;
      // Fast bail-out: non-whitespace bytes (the common case) are rejected
      // without scanning the full timchar list.
      const first = buf[pos];
      if (first === undefined || timcharFirstBytes[first] === 0) return 0;
      loop1: for (let i = 0; i < timchars.length; i++) {
        const timchar = timchars[i];
        for (let j = 0; j < timchar.length; j++) {
          if (timchar[j] !== buf[pos + j]) continue loop1;
        }
        return timchar.length;
      }
      return 0;
    },
    __isDelimiter: function (buf, pos, chr) {
      const { delimiter, ignore_last_delimiters } = this.options;
      if (
        ignore_last_delimiters === true &&
        this.state.record.length === this.options.columns.length - 1
      ) {
        return 0;
      } else if (
        ignore_last_delimiters !== false &&
        typeof ignore_last_delimiters === "number" &&
        this.state.record.length === ignore_last_delimiters - 1
      ) {
        return 0;
      }
      loop1: for (let i = 0; i < delimiter.length; i++) {
        const del = delimiter[i];
        if (del[0] === chr) {
          for (let j = 1; j < del.length; j++) {
            if (del[j] !== buf[pos + j]) continue loop1;
          }
          return del.length;
        }
      }
      return 0;
    },
    __isEscape: function (buf, pos, chr) {
      const { escape } = this.options;
      if (escape === null) return false;
      const l = escape.length;
      if (escape[0] === chr) {
        for (let i = 0; i < l; i++) {
          if (escape[i] !== buf[pos + i]) {
            return false;
          }
        }
        return true;
      }
      return false;
    },
    __isFloat: function (value) {
      return value - parseFloat(value) + 1 >= 0; // Borrowed from jquery
    },
    // Keep it in case we implement the `cast_int` option
    // __isInt(value){
    //   // return Number.isInteger(parseInt(value))
    //   // return !isNaN( parseInt( obj ) );
    //   return /^(\-|\+)?[1-9][0-9]*$/.test(value)
    // }
    __isQuote: function (buf, pos) {
      const { quote } = this.options;
      if (quote === null) return false;
      const l = quote.length;
      for (let i = 0; i < l; i++) {
        if (quote[i] !== buf[pos + i]) {
          return false;
        }
      }
      return true;
    },
    __isRecordDelimiter: function (chr, buf, pos) {
      const { record_delimiter } = this.options;
      const recordDelimiterLength = record_delimiter.length;
      loop1: for (let i = 0; i < recordDelimiterLength; i++) {
        const rd = record_delimiter[i];
        const rdLength = rd.length;
        if (rd[0] !== chr) {
          continue;
        }
        for (let j = 1; j < rdLength; j++) {
          if (rd[j] !== buf[pos + j]) {
            continue loop1;
          }
        }
        return rd.length;
      }
      return 0;
    },
    __autoDiscoverRecordDelimiter: function (buf, pos) {
      const { encoding } = this.options;
      // Note, we don't need to cache this information in state,
      // It is only called on the first line until we find out a suitable
      // record delimiter.
      const rds = [
        // Important, the windows line ending must be before mac os 9
        Buffer.from("\r\n", encoding),
        Buffer.from("\n", encoding),
        Buffer.from("\r", encoding),
      ];
      loop: for (let i = 0; i < rds.length; i++) {
        const l = rds[i].length;
        for (let j = 0; j < l; j++) {
          if (rds[i][j] !== buf[pos + j]) {
            continue loop;
          }
        }
        this.options.record_delimiter.push(rds[i]);
        this.state.recordDelimiterMaxLength = rds[i].length;
        return rds[i].length;
      }
      return 0;
    },
    __error: function (msg) {
      const { encoding, raw, skip_records_with_error } = this.options;
      const err = typeof msg === "string" ? new Error(msg) : msg;
      if (skip_records_with_error) {
        this.state.recordHasError = true;
        if (this.options.on_skip !== undefined) {
          try {
            this.options.on_skip(
              err,
              raw ? this.state.rawBuffer.toString(encoding) : undefined,
            );
          } catch (err) {
            return err;
          }
        }
        // this.emit('skip', err, raw ? this.state.rawBuffer.toString(encoding) : undefined);
        return undefined;
      } else {
        return err;
      }
    },
    __infoDataSet: function () {
      return {
        ...this.info,
        columns: this.options.columns,
      };
    },
    __infoRecord: function () {
      const { columns, raw, encoding } = this.options;
      return {
        ...this.__infoDataSet(),
        bytes_records: this.info.bytes,
        error: this.state.error,
        header: columns === true,
        index: this.state.record.length,
        raw: raw ? this.state.rawBuffer.toString(encoding) : undefined,
      };
    },
    __infoField: function () {
      const { columns } = this.options;
      const isColumns = Array.isArray(columns);
      // Bytes records are only incremented when all records'fields are parsed
      const bytes_records = this.info.bytes_records;
      return {
        ...this.__infoRecord(),
        bytes_records: bytes_records,
        column:
          isColumns === true
            ? columns.length > this.state.record.length
              ? columns[this.state.record.length].name
              : null
            : this.state.record.length,
        quoting: this.state.wasQuoting,
      };
    },
  };
};



;// CONCATENATED MODULE: ./node_modules/csv-parse/lib/sync.js



const sync_parse = function (data, opts = {}) {
  if (typeof data === "string") {
    data = Buffer.from(data);
  }
  const records = opts && opts.objname ? Object.create(null) : [];
  const parser = transform(opts);
  const push = (record) => {
    if (parser.options.objname === undefined) records.push(record);
    else {
      records[record[0]] = record[1];
    }
  };
  const close = () => {};
  const error = parser.parse(data, true, push, close);
  if (error !== undefined) throw error;
  return records;
};



;// CONCATENATED MODULE: ./build/wheels/record.js




/** Reads the RECORD of a wheel; undefined where it is no CSV. */
function parseRecord(text) {
    try {
        const rows = sync_parse(text, { relaxColumnCount: true, skipEmptyLines: true, bom: true });
        return rows.map(([path = '', hash = '', size = '']) => ({ path, hash, size }));
    }
    catch {
        return undefined;
    }
}
/** Writes a RECORD, one line per path, sorted. */
function recordText(rows) {
    const sorted = rows.toSorted((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));
    return sorted.map(({ path, hash, size }) => `${quoted(path)},${hash},${size}\n`).join('');
}
/** The row for bytes that an installer wrote. */
function rowOf(installed, bytes) {
    const hash = (0,external_node_crypto_namespaceObject.createHash)('sha256').update(bytes).digest('base64url');
    return { path: recordPath(installed), hash: `sha256=${hash}`, size: String(bytes.length) };
}
/** How RECORD names a file of the image: as seen from the site-packages folder. */
function recordPath(installed) {
    return external_node_path_namespaceObject.posix.relative(`/${layout_LAYOUT.site}`, `/${installed}`);
}
function quoted(field) {
    return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

;// CONCATENATED MODULE: ./build/wheels/installation.js





/** The file type in a Unix mode, and the one of a symbolic link. */
const TYPE_MASK = 0o170000;
const LINK_TYPE = 0o120000;
const FILE_TYPE = 0o100000;
/** The largest wheel whose size tells nothing about what is in it, and how much larger than itself another may grow. */
const UNSUSPICIOUS_BYTES = 1024 ** 3;
const LARGEST_RATIO = 100;
/** Metadata and scripts are read whole. */
const MOST_READ_BYTES = 64 * 1024 ** 2;
/**
 * What installing a wheel comes to: every file with its place, in the order of the zip, then what installers write.
 *
 * `read` gives the content of an entry; it is asked for metadata and scripts only. Throws `wheel-invalid`.
 */
function installWheel(wheel, entries, read) {
    const files = entries.filter(({ name }) => !name.endsWith('/'));
    checkSize(wheel, files);
    const folders = foldersOf(wheel, files.map(({ name }) => name));
    const textOf = (name) => textIn({ wheel, entry: files.find(file => file.name === name), read });
    checkVersion(wheel, textOf(`${folders.info}/WHEEL`));
    const record = parseRecord(textOf(`${folders.info}/RECORD`) ?? '');
    if (record === undefined || record.length === 0)
        throw invalidWheel(wheel, 'its RECORD is missing or no CSV');
    const written = new Set([`${folders.info}/RECORD`, `${folders.info}/INSTALLER`]);
    const placed = files.filter(({ name }) => !written.has(name)).map(entry => lay({ wheel, entry, folders, read }));
    const points = parseEntryPoints(textOf(`${folders.info}/entry_points.txt`) ?? '');
    if (points === undefined)
        throw invalidWheel(wheel, 'its entry points cannot be read');
    const scripts = points.map((point) => ({
        path: `${layout_LAYOUT.scripts}/${point.name}`,
        mode: 0o755,
        content: Buffer.from(scriptOf(point))
    }));
    const installer = {
        path: `${layout_LAYOUT.site}/${folders.info}/INSTALLER`,
        mode: 0o644,
        content: Buffer.from(`${layout_LAYOUT.installer}\n`)
    };
    // A script of an entry point takes the place of one with the same name, as it does with pip.
    const generated = new Set(scripts.map(({ path }) => path));
    const laid = [...placed.filter(({ path }) => !generated.has(path)), ...scripts, installer];
    const rows = rowsOf({ wheel, record, laid, folders });
    const own = `${layout_LAYOUT.site}/${folders.info}/RECORD`;
    const all = [...laid, { path: own, mode: 0o644, content: Buffer.from(recordText(rows)) }];
    checkTwice(wheel, all);
    return all;
}
/** The size of a file as it will be. */
function laidBytes({ content }) {
    return content instanceof Uint8Array ? content.length : content.unpackedBytes;
}
function lay({ wheel, entry, folders, read }) {
    const type = entry.unixMode & TYPE_MASK;
    if (type === LINK_TYPE)
        throw invalidWheel(wheel, `it holds ${JSON.stringify(entry.name)}, a symbolic link`);
    const { path, isScript } = placeOf(wheel, entry.name, folders);
    if (isScript) {
        const script = contentOf({ wheel, entry, read });
        return { path, mode: 0o755, content: withInterpreter(script) };
    }
    const isProgram = (type === FILE_TYPE || type === 0) && (entry.unixMode & 0o111) !== 0;
    return { path, mode: isProgram ? 0o755 : 0o644, content: entry };
}
/** RECORD as it must be for what was laid: places for names, and the rows of what the installer wrote. */
function rowsOf({ wheel, record, laid, folders }) {
    const own = recordPath(`${layout_LAYOUT.site}/${folders.info}/RECORD`);
    const rows = new Map();
    for (const row of record) {
        const path = row.path === '' ? '' : recordPath(placeOf(wheel, row.path, folders).path);
        if (path !== '')
            rows.set(path, { ...row, path });
    }
    for (const { path, content } of laid) {
        const key = recordPath(path);
        if (content instanceof Uint8Array)
            rows.set(key, rowOf(path, content));
        else if (!rows.has(key))
            rows.set(key, { path: key, hash: '', size: '' });
    }
    rows.set(own, { path: own, hash: '', size: '' });
    return [...rows.values()];
}
function checkSize(wheel, files) {
    const packed = files.reduce((sum, { packedBytes }) => sum + packedBytes, 0);
    const unpacked = files.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
    if (unpacked <= Math.max(UNSUSPICIOUS_BYTES, packed * LARGEST_RATIO))
        return;
    throw invalidWheel(wheel, `its ${packed} bytes would become ${unpacked}`);
}
function checkVersion(wheel, text) {
    const version = /^Wheel-Version:\s*(\S+)\s*$/im.exec(text ?? '')?.[1];
    if (version === undefined)
        throw invalidWheel(wheel, 'its WHEEL file is missing or names no version');
    if (!version.startsWith('1.'))
        throw invalidWheel(wheel, `it is a wheel of version ${version}, and 1 is understood`);
}
function checkTwice(wheel, laid) {
    const seen = new Set();
    for (const { path } of laid) {
        if (seen.has(path))
            throw invalidWheel(wheel, `two of its files would both be /${path}`);
        seen.add(path);
    }
    for (const { path } of laid) {
        for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            const folder = path.slice(0, slash);
            if (seen.has(folder))
                throw invalidWheel(wheel, `/${folder} would be a file and a folder`);
        }
    }
}
function textIn(found) {
    const { entry } = found;
    return entry === undefined ? undefined : Buffer.from(contentOf({ ...found, entry })).toString('utf8');
}
function contentOf({ wheel, entry, read }) {
    if (entry.unpackedBytes > MOST_READ_BYTES)
        throw invalidWheel(wheel, `${JSON.stringify(entry.name)} is too large for what it is`);
    return read(entry);
}

;// CONCATENATED MODULE: external "node:events"
const external_node_events_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:events");
;// CONCATENATED MODULE: ./build/wheels/tar.js

const BLOCK = 512;
const LONGEST_NAME = 100;
const LONGEST_PREFIX = 155;
/** Eleven octal digits. */
const LARGEST_SIZE = 0o77777777777;
/** What ends a layer. It stands there once: whatever came after a first one would be dropped without a word. */
const END_OF_TAR = new Uint8Array(2 * BLOCK);
const TYPES = { file: '0', folder: '5', link: '2' };
/**
 * The header of an entry: ustar, with a PAX header in front where a name or a size does not fit.
 *
 * Written here because every byte of it goes into the layer's identity: the same entry gives the same bytes for ever.
 */
function tarHeader(entry) {
    const path = entry.kind === 'folder' ? `${entry.path}/` : entry.path;
    const target = entry.kind === 'link' ? entry.target : '';
    const size = entry.kind === 'file' ? entry.sizeBytes : 0;
    const split = splitPath(path);
    const records = [
        ...(split === undefined ? [['path', path]] : []),
        ...(fits(target, LONGEST_NAME) ? [] : [['linkpath', target]]),
        ...(size > LARGEST_SIZE ? [['size', String(size)]] : [])
    ];
    const plain = block({
        ...(split ?? { name: shortened(path), prefix: '' }),
        target: fits(target, LONGEST_NAME) ? target : shortened(target),
        mode: entry.kind === 'link' ? 0o777 : entry.mode,
        size: size > LARGEST_SIZE ? 0 : size,
        type: TYPES[entry.kind]
    });
    return records.length === 0 ? plain : Buffer.concat([paxHeader(path, records), plain]);
}
/** The zeros that fill a file's last block. */
function tarPadding(sizeBytes) {
    return END_OF_TAR.subarray(0, (BLOCK - (sizeBytes % BLOCK)) % BLOCK);
}
function paxHeader(path, records) {
    const body = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
    const name = `PaxHeaders/${shortened(path.replace(/\/$/, '').split('/').at(-1) ?? '')}`;
    const head = block({
        name: shortened(name),
        prefix: '',
        target: '',
        mode: 0o644,
        size: body.length,
        type: 'x'
    });
    return Buffer.concat([head, body, tarPadding(body.length)]);
}
/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key, value) {
    const rest = Buffer.from(` ${key}=${value}\n`);
    let length = rest.length + 1;
    while (length !== rest.length + String(length).length)
        length = rest.length + String(length).length;
    return Buffer.concat([Buffer.from(String(length)), rest]);
}
function block(made) {
    const bytes = Buffer.alloc(BLOCK);
    bytes.write(made.name, 0, LONGEST_NAME, 'latin1');
    bytes.write(octal(made.mode, 7), 100);
    bytes.write(octal(0, 7), 108);
    bytes.write(octal(0, 7), 116);
    bytes.write(octal(made.size, 11), 124);
    bytes.write(octal(layout_LAYOUT.mtimeS, 11), 136);
    bytes.write(' '.repeat(8), 148);
    bytes.write(made.type, 156);
    bytes.write(made.target, 157, LONGEST_NAME, 'latin1');
    bytes.write('ustar\u000000', 257, 'latin1');
    bytes.write(octal(0, 7), 329);
    bytes.write(octal(0, 7), 337);
    bytes.write(made.prefix, 345, LONGEST_PREFIX, 'latin1');
    const sum = bytes.reduce((total, byte) => total + byte, 0);
    bytes.write(`${octal(sum, 6)}\u0000 `, 148, 'latin1');
    return bytes;
}
function octal(value, digits) {
    return value.toString(8).padStart(digits, '0');
}
/** A path in the two fields that ustar has for it; undefined where it does not fit or is not ASCII. */
function splitPath(path) {
    if (fits(path, LONGEST_NAME))
        return { name: path, prefix: '' };
    if (!isAscii(path))
        return undefined;
    const slash = path.indexOf('/', Math.max(0, path.length - LONGEST_NAME - 1));
    if (slash <= 0 || slash > LONGEST_PREFIX || slash === path.length - 1)
        return undefined;
    return { prefix: path.slice(0, slash), name: path.slice(slash + 1) };
}
function fits(text, longest) {
    return isAscii(text) && text.length <= longest;
}
function isAscii(text) {
    return /^[\x20-\x7e]*$/.test(text);
}
/** For readers without PAX: the beginning, without what they could not read. */
function shortened(text) {
    return text.replaceAll(/[^\x20-\x7e]/g, '_').slice(0, LONGEST_NAME);
}

;// CONCATENATED MODULE: ./build/host/tar-press.js






/**
 * All bytes go to the compressor in pieces of this size, whatever they came in.
 *
 * A compressor may cut its blocks by what it is handed, and the same tar must give the same layer.
 */
const tar_press_PIECE_BYTES = 1024 ** 2;
/** Packs a tar into a layer, hashing both on the way; memory stays flat however large it is. */
function openTarPress(packing, sink) {
    const packer = packerOf(packing);
    const diff = (0,external_node_crypto_namespaceObject.createHash)('sha256');
    const folders = new Set(FOUNDATION_FOLDERS);
    let piece = Buffer.allocUnsafe(tar_press_PIECE_BYTES);
    let filled = 0;
    let padding = new Uint8Array();
    const spare = [];
    const packed = drain(packer, sink);
    // Whoever writes sees the failure at the next piece; nobody may be waiting for it before.
    packed.catch(() => { });
    async function send(bytes) {
        diff.update(bytes);
        const giveBack = () => void spare.push(bytes);
        if (packer.write(bytes, giveBack))
            return;
        await Promise.race([(0,external_node_events_namespaceObject.once)(packer, 'drain'), packed.then(() => { })]);
    }
    async function put(bytes) {
        for (let at = 0; at < bytes.length;) {
            const count = Math.min(tar_press_PIECE_BYTES - filled, bytes.length - at);
            piece.set(bytes.subarray(at, at + count), filled);
            filled += count;
            at += count;
            if (filled < tar_press_PIECE_BYTES)
                continue;
            await send(piece);
            piece = spare.pop() ?? Buffer.allocUnsafe(tar_press_PIECE_BYTES);
            filled = 0;
        }
    }
    async function begin(entry) {
        await put(padding);
        padding = new Uint8Array();
        const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')));
        for (const folder of parent === '' ? [] : ancestorsOf(parent)) {
            if (folders.has(folder))
                continue;
            folders.add(folder);
            await put(tarHeader({ kind: 'folder', path: folder, mode: 0o755 }));
        }
        await put(tarHeader(entry));
        if (entry.kind === 'file')
            padding = tarPadding(entry.sizeBytes);
    }
    return {
        begin,
        write: put,
        end: async () => {
            await put(padding);
            await put(END_OF_TAR);
            if (filled > 0)
                await send(piece.subarray(0, filled));
            packer.end();
            const { digest, sizeBytes } = await packed;
            return { digest, sizeBytes, diffId: `sha256:${diff.digest('hex')}` };
        },
        abandon: () => packer.destroy()
    };
}
function packerOf({ format, level }) {
    if (format === 'gzip')
        return (0,external_node_zlib_namespaceObject.createGzip)({ level, chunkSize: tar_press_PIECE_BYTES });
    const params = { [external_node_zlib_namespaceObject.constants.ZSTD_c_compressionLevel]: level, [external_node_zlib_namespaceObject.constants.ZSTD_c_checksumFlag]: 1 };
    return (0,external_node_zlib_namespaceObject.createZstdCompress)({ params, chunkSize: tar_press_PIECE_BYTES });
}
async function drain(packer, sink) {
    const hash = (0,external_node_crypto_namespaceObject.createHash)('sha256');
    let sizeBytes = 0;
    try {
        for await (const chunk of packer) {
            hash.update(chunk);
            sizeBytes += chunk.length;
            // A copy: the packer goes on writing into the memory behind what it hands out.
            const copy = new Uint8Array(chunk);
            freeIfLast(chunk);
            await sink(copy);
        }
    }
    catch (thrown) {
        packer.destroy();
        throw thrown;
    }
    return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

;// CONCATENATED MODULE: external "node:fs"
const external_node_fs_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");
;// CONCATENATED MODULE: ./build/wheels/bad-zip.js
/** A zip that breaks the rules of its format (PKWARE APPNOTE 6.3), or uses a part of it that wheels have no use for. */
class BadZip extends Error {
    name = 'BadZip';
}

;// CONCATENATED MODULE: ./build/wheels/zip-name.js

/** Code page 437, from 128 on: what a name is written in whose entry does not say UTF-8. */
const CP437 = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
/** The name of a zip's entry as text. */
function decodeName(bytes, isUtf8) {
    if (!isUtf8)
        return Array.from(bytes, byte => (byte < 128 ? String.fromCharCode(byte) : CP437[byte - 128])).join('');
    try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    }
    catch {
        throw new BadZip('a name in it says that it is UTF-8 and is not');
    }
}

;// CONCATENATED MODULE: ./build/wheels/zip.js


/** How much of a zip's end must be there to find its directory: both ends of zip64 and the longest comment. */
const TAIL_BYTES = 22 + 65_535 + 20 + 56;
/** The part of a local header in front of name and extra fields. */
const LOCAL_HEADER_BYTES = 30;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_LOCATOR = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const ZIP64_FIELD = 0x0001;
const FULL_16 = 0xffff;
const FULL_32 = 0xffffffff;
const ENCRYPTED = 0x0001;
const UTF8 = 0x0800;
/** Finds the central directory. `tail` is the end of a zip of `sizeBytes`, at least `TAIL_BYTES` of it or all. */
function findDirectory(tail, sizeBytes) {
    const view = viewOf(tail);
    const at = lastSignature(view);
    const begin = sizeBytes - tail.length;
    const end = {
        disks: view.getUint16(at + 4, true) + view.getUint16(at + 6, true),
        count: view.getUint16(at + 10, true),
        sizeBytes: view.getUint32(at + 12, true),
        offset: view.getUint32(at + 16, true)
    };
    const isLarge = end.count === FULL_16 || end.sizeBytes === FULL_32 || end.offset === FULL_32;
    const found = isLarge ? readEnd64(view, at - 20, begin) : end;
    if (end.disks !== 0 && !isLarge)
        throw new BadZip('it is a part of a zip of several files');
    if (found.offset + found.sizeBytes > begin + at)
        throw new BadZip('its directory does not lie inside it');
    return found;
}
/** Reads the entries of a central directory in the order of their data, each checked against its neighbours. */
function readDirectory(bytes, end) {
    const view = viewOf(bytes);
    const entries = [];
    let at = 0;
    for (let index = 0; index < end.count; index++) {
        if (at + 46 > bytes.length || view.getUint32(at, true) !== ENTRY)
            throw new BadZip('its directory is cut off');
        const next = at + 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
        if (next > bytes.length)
            throw new BadZip('its directory is cut off');
        entries.push(readEntry(bytes.subarray(at, next), end.offset));
        at = next;
    }
    if (at !== bytes.length)
        throw new BadZip('its directory is longer than its entries');
    const names = new Set(entries.map(({ name }) => name));
    if (names.size !== entries.length) {
        const twice = entries.find(({ name }, index) => entries.findIndex(other => other.name === name) !== index);
        throw new BadZip(`it holds ${JSON.stringify(twice?.name)} twice`);
    }
    const sorted = entries.toSorted((one, other) => one.offset - other.offset);
    return sorted.map((entry, index) => ({ ...entry, before: sorted[index + 1]?.offset ?? end.offset }));
}
/**
 * Where an entry's data begins, when its local header says what the directory says.
 *
 * Readers of one and of the other would otherwise see different files. `header` is the local header with its name.
 */
function dataOffsetOf(entry, header) {
    const view = viewOf(header);
    const shown = JSON.stringify(entry.name);
    if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== LOCAL) {
        throw new BadZip(`${shown} has no local header where the directory says`);
    }
    const flags = view.getUint16(6, true);
    const [packed, unpacked] = [view.getUint32(18, true), view.getUint32(22, true)];
    const nameLength = view.getUint16(26, true);
    const name = header.subarray(LOCAL_HEADER_BYTES, LOCAL_HEADER_BYTES + nameLength);
    const isSameName = Buffer.compare(name, entry.nameBytes) === 0;
    const isSameMethod = methodOf(view.getUint16(8, true)) === entry.method;
    // With bit 3 set the sizes follow the data; in zip64 they stand in the extra field.
    const isOpen = (flags & 0x0008) !== 0;
    const isSameSize = (isOpen || packed === FULL_32 || packed === entry.packedBytes) &&
        (isOpen || unpacked === FULL_32 || unpacked === entry.unpackedBytes);
    const isSameCheck = isOpen || view.getUint32(14, true) === entry.crc32;
    if (!isSameName || !isSameMethod || !isSameSize || !isSameCheck || (flags & ENCRYPTED) !== 0) {
        throw new BadZip(`${shown} is described in one way by its local header and in another by the directory`);
    }
    const data = entry.offset + LOCAL_HEADER_BYTES + nameLength + view.getUint16(28, true);
    if (data + entry.packedBytes > entry.before)
        throw new BadZip(`the data of ${shown} runs into the next entry`);
    return data;
}
function readEntry(bytes, limit) {
    const view = viewOf(bytes);
    const flags = view.getUint16(8, true);
    const nameBytes = bytes.slice(46, 46 + view.getUint16(28, true));
    const name = decodeName(nameBytes, (flags & UTF8) !== 0);
    const shown = JSON.stringify(name);
    if ((flags & ENCRYPTED) !== 0)
        throw new BadZip(`${shown} is encrypted`);
    const extra = bytes.subarray(46 + nameBytes.length, 46 + nameBytes.length + view.getUint16(30, true));
    const sizes = sizesOf(view, extra);
    const method = methodOf(view.getUint16(10, true));
    if (method === undefined)
        throw new BadZip(`${shown} is packed in a way that wheels do not use`);
    if (method === 'stored' && sizes.packedBytes !== sizes.unpackedBytes) {
        throw new BadZip(`${shown} is stored with two sizes`);
    }
    if (sizes.offset + LOCAL_HEADER_BYTES + sizes.packedBytes > limit)
        throw new BadZip(`${shown} lies outside the zip`);
    return {
        name,
        nameBytes,
        method,
        crc32: view.getUint32(16, true),
        unixMode: view.getUint32(38, true) >>> 16,
        ...sizes,
        before: limit
    };
}
/** Sizes and place; those that are too large for their field stand in the extra field, in this order. */
function sizesOf(view, extra) {
    const large = extraField(extra, ZIP64_FIELD);
    let at = 0;
    const read = (plain) => {
        if (plain !== FULL_32)
            return plain;
        if (large === undefined || at + 8 > large.length)
            throw new BadZip('a large entry lacks its sizes');
        at += 8;
        return safeNumber(viewOf(large).getBigUint64(at - 8, true));
    };
    const unpackedBytes = read(view.getUint32(24, true));
    const packedBytes = read(view.getUint32(20, true));
    return { packedBytes, unpackedBytes, offset: read(view.getUint32(42, true)) };
}
function extraField(extra, wanted) {
    const view = viewOf(extra);
    for (let at = 0; at + 4 <= extra.length;) {
        const length = view.getUint16(at + 2, true);
        if (view.getUint16(at, true) === wanted)
            return extra.subarray(at + 4, at + 4 + length);
        at += 4 + length;
    }
    return undefined;
}
function readEnd64(view, locator, begin) {
    if (locator < 0 || view.getUint32(locator, true) !== END_64_LOCATOR)
        throw new BadZip('its end of zip64 is missing');
    const at = safeNumber(view.getBigUint64(locator + 8, true)) - begin;
    if (at < 0 || at + 56 > locator || view.getUint32(at, true) !== END_64)
        throw new BadZip('its end of zip64 is missing');
    return {
        count: safeNumber(view.getBigUint64(at + 32, true)),
        sizeBytes: safeNumber(view.getBigUint64(at + 40, true)),
        offset: safeNumber(view.getBigUint64(at + 48, true))
    };
}
/** The last end mark whose comment reaches exactly to the end of the file. */
function lastSignature(view) {
    for (let at = view.byteLength - 22; at >= 0; at--) {
        if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength)
            return at;
    }
    throw new BadZip('it is no zip, or its end is missing');
}
function methodOf(number) {
    return number === 0 ? 'stored' : number === 8 ? 'deflated' : undefined;
}
function safeNumber(value) {
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
        throw new BadZip('a size in it is beyond all bounds');
    return Number(value);
}
function viewOf(bytes) {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

;// CONCATENATED MODULE: ./build/host/wheel-file.js







const wheel_file_PIECE_BYTES = 1024 ** 2;
/** Entries of this size are inflated in one go, which is faster than a stream for each of ten thousand. */
const WHOLE_BYTES = 8 * 1024 ** 2;
/** Opens a wheel. Throws `wheel-invalid` for what is no proper zip, also later, when its entries are read. */
async function openWheelFile(name, path) {
    const file = await (0,external_node_fs_promises_namespaceObject.open)(path);
    try {
        const { size } = await file.stat();
        const entries = asWheel(name, () => directoryOf(file.fd, size));
        return {
            entries,
            read: entry => asWheel(name, () => wholeOf(file.fd, entry)),
            pieces: entry => piecesOf(name, { fd: file.fd, entry }),
            close: () => file.close()
        };
    }
    catch (thrown) {
        await file.close();
        throw thrown;
    }
}
function directoryOf(fd, size) {
    const tailBytes = Math.min(size, TAIL_BYTES);
    const end = findDirectory(readAt(fd, size - tailBytes, tailBytes), size);
    return readDirectory(readAt(fd, end.offset, end.sizeBytes), end);
}
async function* piecesOf(name, { fd, entry }) {
    if (entry.unpackedBytes <= WHOLE_BYTES) {
        const whole = asWheel(name, () => wholeOf(fd, entry));
        yield whole;
        freeIfAlone(whole);
        return;
    }
    const start = asWheel(name, () => dataAt(fd, entry));
    const span = { fd, start, end: start + entry.packedBytes };
    let [sum, count] = [0, 0];
    try {
        for await (const piece of entry.method === 'stored' ? readSpan(span) : inflate(span)) {
            count += piece.length;
            if (count > entry.unpackedBytes)
                break;
            sum = (0,external_node_zlib_namespaceObject.crc32)(piece, sum);
            yield piece;
        }
    }
    catch (thrown) {
        if (thrown instanceof BadZip)
            throw invalidWheel(name, thrown.message);
        if (isZlibFault(thrown))
            throw invalidWheel(name, `${JSON.stringify(entry.name)} cannot be unpacked`);
        throw thrown;
    }
    asWheel(name, () => check(entry, { sum, count }));
}
/** Two pieces of memory go round, whatever the length: what is allocated anew for each piece keeps the collector busy. */
function* readSpan({ fd, start, end }) {
    let [piece, other] = [Buffer.allocUnsafe(wheel_file_PIECE_BYTES), Buffer.allocUnsafe(wheel_file_PIECE_BYTES)];
    for (let at = start; at < end; at += wheel_file_PIECE_BYTES) {
        const part = piece.subarray(0, Math.min(wheel_file_PIECE_BYTES, end - at));
        readInto(part, fd, at);
        yield part;
        [piece, other] = [other, piece];
    }
}
/** What reads comes one piece before what inflates, so that neither waits for the other. */
async function* inflate(span) {
    const stream = (0,external_node_zlib_namespaceObject.createInflateRaw)({ chunkSize: wheel_file_PIECE_BYTES });
    const feed = async () => {
        let taken = Promise.resolve();
        for (const piece of readSpan(span)) {
            await taken;
            taken = written(stream, piece);
            taken.catch(() => { });
        }
        await taken;
        stream.end();
    };
    feed().catch((thrown) => stream.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))));
    for await (const piece of stream) {
        yield piece;
        freeIfLast(piece);
    }
}
/** Resolves when the stream is done with the bytes. */
function written(stream, bytes) {
    return new Promise((resolve, reject) => {
        stream.write(bytes, thrown => (thrown ? reject(thrown) : resolve()));
    });
}
function wholeOf(fd, entry) {
    const packed = readAt(fd, dataAt(fd, entry), entry.packedBytes);
    const bytes = entry.method === 'stored' ? packed : inflated(packed, entry);
    if (bytes !== packed)
        freeIfAlone(packed);
    check(entry, { sum: (0,external_node_zlib_namespaceObject.crc32)(bytes), count: bytes.length });
    return bytes;
}
function inflated(packed, { name, unpackedBytes }) {
    try {
        return (0,external_node_zlib_namespaceObject.inflateRawSync)(packed, { maxOutputLength: Math.max(1, unpackedBytes) });
    }
    catch {
        throw new BadZip(`${JSON.stringify(name)} cannot be unpacked, or becomes larger than the directory says`);
    }
}
function check({ name, unpackedBytes, crc32: expected }, { sum, count }) {
    if (count !== unpackedBytes)
        throw new BadZip(`${JSON.stringify(name)} has not the size that the directory says`);
    if (sum !== expected)
        throw new BadZip(`${JSON.stringify(name)} has not the checksum that the directory says`);
}
function dataAt(fd, entry) {
    const length = Math.min(LOCAL_HEADER_BYTES + entry.nameBytes.length, entry.before - entry.offset);
    return dataOffsetOf(entry, readAt(fd, entry.offset, length));
}
function readAt(fd, position, length) {
    const bytes = Buffer.allocUnsafe(length);
    readInto(bytes, fd, position);
    return bytes;
}
function readInto(bytes, fd, position) {
    for (let done = 0; done < bytes.length;) {
        const count = (0,external_node_fs_namespaceObject.readSync)(fd, bytes, done, bytes.length - done, position + done);
        if (count === 0)
            throw new BadZip('it ends before its directory says');
        done += count;
    }
}
function asWheel(name, act) {
    try {
        return act();
    }
    catch (thrown) {
        if (thrown instanceof BadZip)
            throw invalidWheel(name, thrown.message);
        throw thrown;
    }
}
function isZlibFault(thrown) {
    return thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('Z_');
}

;// CONCATENATED MODULE: ./build/host/wheel-layer.js







/**
 * Makes one layer of wheels.
 *
 * Throws `wheel-invalid`, `wheels-clash`, and what the sink throws.
 */
async function pressWheels(wheels, made) {
    const press = openTarPress(made.packing, made.sink);
    const files = new Map();
    let libraries = 0;
    try {
        for (const wheel of wheels) {
            const machines = new Map();
            const opened = await openWheelFile(wheel.name, wheel.path);
            try {
                for (const laid of installWheel(wheel.name, opened.entries, opened.read)) {
                    const file = [laid.path, sumOf(laid), laidBytes(laid)];
                    const known = files.get(laid.path);
                    const problem = known === undefined ? undefined : clash(known, file);
                    if (problem !== undefined)
                        throw problem;
                    if (known !== undefined)
                        continue;
                    files.set(laid.path, file);
                    const machine = await layFile(press, { laid, opened, onBytes: made.onBytes });
                    if (machine !== undefined)
                        machines.set(machine, (machines.get(machine) ?? 0) + 1);
                }
                libraries += checkMachine(wheel.name, machines);
            }
            finally {
                await opened.close();
            }
        }
        const sources = [...files.keys()].filter(isSource).length;
        return { ...(await press.end()), files: [...files.values()], sources, libraries };
    }
    catch (thrown) {
        press.abandon();
        throw thrown;
    }
}
/** Resolves with the machine that the file runs on, where it is a library. */
async function layFile(press, { laid, opened, onBytes }) {
    const { path, mode, content } = laid;
    let machine;
    let isBegun = false;
    await press.begin({ kind: 'file', path, mode, sizeBytes: laidBytes(laid) });
    const pieces = content instanceof Uint8Array ? [content] : opened.pieces(content);
    for await (const piece of pieces) {
        if (!isBegun)
            machine = machineOf(piece);
        isBegun = true;
        await press.write(piece);
        onBytes(piece.length);
    }
    return machine;
}
function sumOf({ content }) {
    return content instanceof Uint8Array ? (0,external_node_zlib_namespaceObject.crc32)(content) : content.crc32;
}

;// CONCATENATED MODULE: ./build/host/source-archive.js



/** What is gathered before it is written. */
const source_archive_PIECE_BYTES = 1024 ** 2;
/** Begins the archive, in a folder that is made where it is missing. */
async function openSourceArchive(path) {
    await (0,external_node_fs_promises_namespaceObject.mkdir)((0,external_node_path_namespaceObject.dirname)(path), { recursive: true, mode: 0o700 });
    const file = await (0,external_node_fs_promises_namespaceObject.open)(path, 'w', 0o600);
    const paths = new Set();
    let pieces = [];
    let waiting = 0;
    const flush = async () => {
        // Not `writev`, which may leave off in the middle where the disk is full, and say nothing.
        await file.writeFile(Buffer.concat(pieces));
        pieces = [];
        waiting = 0;
    };
    return {
        put: async (source, content) => {
            if (paths.has(source))
                return;
            paths.add(source);
            const header = tarHeader({ kind: 'file', path: source, mode: 0o644, sizeBytes: content.length });
            pieces.push(header, content, tarPadding(content.length));
            waiting += content.length;
            if (waiting >= source_archive_PIECE_BYTES)
                await flush();
        },
        end: async () => {
            pieces.push(END_OF_TAR);
            await flush();
            return paths.size;
        },
        close: () => file.close()
    };
}

;// CONCATENATED MODULE: ./build/host/wheel-sources.js




/**
 * Puts the Python sources of wheels into an archive, each under the path that its layer has it at; resolves with their number.
 *
 * They are compiled while the layer itself is still being packed. Throws `wheel-invalid`.
 */
async function archiveSources(wheels, archive) {
    const sources = await openSourceArchive(archive);
    try {
        for (const wheel of wheels)
            await putSources(wheel, sources);
        return await sources.end();
    }
    finally {
        await sources.close();
    }
}
async function putSources({ name, path: file }, sources) {
    const opened = await openWheelFile(name, file);
    try {
        for (const { path, content } of installWheel(name, opened.entries, opened.read)) {
            if (!isSource(path))
                continue;
            // A copy: where a piece lies is used again for the next one.
            const pieces = content instanceof Uint8Array ? [content] : await copied(opened.pieces(content));
            await sources.put(path, Buffer.concat(pieces));
        }
    }
    finally {
        await opened.close();
    }
}
async function copied(pieces) {
    const kept = [];
    for await (const piece of pieces)
        kept.push(Uint8Array.from(piece));
    return kept;
}

;// CONCATENATED MODULE: ./build/host/layer-worker.js






/** How much is done before it is told. */
const TOLD_BYTES = 4 * 1024 ** 2;
/** Does what the main thread asks for: fetches wheels and presses layers. It holds no credential. */
function serveLayers(port, { environment, stallMs }) {
    const transport = openTransport({
        environment,
        cancelled: new AbortController().signal,
        ...(stallMs === undefined ? {} : { stallMs })
    });
    const credits = new Map();
    const tell = (told, transfer = []) => port.postMessage(told, transfer);
    async function perform(task) {
        const { id } = task;
        if (task.kind === 'sources')
            return { kind: 'sources', id, count: await archiveSources(task.wheels, task.archive) };
        const count = countingBytes(bytes => tell({ kind: 'bytes', id, count: bytes }));
        if (task.kind === 'fetch') {
            await fetchWheel(task.wheel, task.path, { transport, onBytes: count.add });
            count.flush();
            return { kind: 'fetched', id };
        }
        const credit = openCredit(PIECES_AHEAD);
        credits.set(id, credit);
        const sink = async (piece) => {
            await credit.take();
            const bytes = piece;
            tell({ kind: 'piece', id, bytes }, [bytes.buffer]);
        };
        const pressed = await pressWheels(task.wheels, { packing: task.packing, sink, onBytes: count.add });
        count.flush();
        return { kind: 'pressed', id, pressed };
    }
    port.on('message', (task) => {
        if (task.kind === 'taken')
            return void credits.get(task.id)?.give(task.pieces);
        if (task.kind === 'drop')
            return void credits.get(task.id)?.drop();
        perform(task)
            .catch((thrown) => failureOf(task.id, thrown))
            .then(told => {
            credits.delete(task.id);
            tell(told);
        });
    });
}
function failureOf(id, thrown) {
    if (thrown instanceof problem_Problem) {
        const { code, what, why, fix, evidence } = thrown;
        return { kind: 'problem', id, code, explanation: { what, why, fix, evidence } };
    }
    const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
    return { kind: 'thrown', id, message, ...(code === undefined ? {} : { code }) };
}
function openCredit(first) {
    let left = first;
    let isDropped = false;
    let wake = () => { };
    return {
        take: async () => {
            while (left === 0 && !isDropped) {
                await new Promise(resolve => {
                    wake = resolve;
                });
            }
            if (isDropped)
                throw new Error('the layer is not wanted any more');
            left -= 1;
        },
        give: count => {
            left += count;
            wake();
        },
        drop: () => {
            isDropped = true;
            wake();
        }
    };
}
function countingBytes(tell) {
    let bytes = 0;
    const flush = () => {
        if (bytes > 0)
            tell(bytes);
        bytes = 0;
    };
    return {
        add: count => {
            bytes += count;
            if (bytes >= TOLD_BYTES)
                flush();
        },
        flush
    };
}

;// CONCATENATED MODULE: ./build/worker.js


if (external_node_worker_threads_namespaceObject.parentPort === null)
    throw new Error('This file runs in a worker thread that the action starts.');
serveLayers(external_node_worker_threads_namespaceObject.parentPort, external_node_worker_threads_namespaceObject.workerData);

