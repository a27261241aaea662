/** nginx of Debian's package: one worker, connections to the upstream kept, nothing else but what it comes with. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { home, startProcess } from '../lib/process.js'

const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(existsSync)

/** Its version, or null where it is not installed. */
export function nginxVersion () {
  if (NGINX === undefined) return null
  return /nginx\/(\S+)/.exec(spawnSync(NGINX, ['-v'], { encoding: 'utf8' }).stderr)?.[1] ?? 'of unknown version'
}

/**
 * @param {string} upstream origin of the fake Connect
 * @param {{ name?: string, buffer?: string }} options `buffer`: of request bodies; nginx's default without
 */
export async function startNginx (upstream, { name = 'nginx', buffer } = {}) {
  const port = await freePort()
  const folder = join(home, `nginx-${port}`)
  mkdirSync(folder)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map(kind => `${kind}_temp_path ${folder}/${kind};`)
    .join('\n  ')
  writeFileSync(join(folder, 'nginx.conf'), `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr notice;
events { worker_connections 1024; }
http {
  ${temporary}
  access_log ${folder}/access.log;
  keepalive_requests 1000000000;
  upstream connect {
    server ${upstream.replace('http://', '')};
    keepalive 64;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 0;
    ${buffer === undefined ? '' : `client_body_buffer_size ${buffer};`}
    location / {
      proxy_pass http://connect;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_request_buffering off;
    }
  }
}
`)
  return await startProcess({
    name,
    command: NGINX,
    args: ['-c', join(folder, 'nginx.conf')],
    listening: /start worker process \d+/,
    origin: `http://127.0.0.1:${port}`
  })
}

async function freePort () {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
