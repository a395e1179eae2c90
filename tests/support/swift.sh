#!/usr/bin/env bash
# A strict S3 server for tests: OpenStack Swift with s3api, which checks every signature and the hash of what it gets. On
# loopback, in a folder of its own; ended by `stop`.
#   swift.sh start FOLDER     starts it, makes the bucket "films", and prints its address
#   swift.sh stop FOLDER      ends it
#   swift.sh pause FOLDER     no answer any more; resume FOLDER: again
# Who asks is "test:tester" with the secret "testing". Exits with 77 where Swift is not installed (Debian: swift-proxy
# swift-account swift-container swift-object memcached) or /etc/swift/swift.conf, which its servers insist on, cannot be read.
set -euo pipefail

command=${1:?start, stop, pause or resume}
folder=${2:?a folder}

each() { for pid in "$folder"/*.pid; do kill "-$1" "$(cat "$pid")" 2>/dev/null || true; done; }

# Five free ports and, for the last three, the rings that say where the servers of accounts, containers and objects are.
make_rings() {
  /usr/bin/python3 - "$folder" <<'PYTHON'
import socket, sys
from swift.common.ring import RingBuilder

held = [socket.socket() for _ in range(5)]
for one in held:
    one.bind(("127.0.0.1", 0))
ports = [one.getsockname()[1] for one in held]
for kind, port in zip(("account", "container", "object"), ports[2:]):
    ring = RingBuilder(4, 1, 1)
    ring.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "disk", "weight": 1.0})
    ring.rebalance()
    ring.get_ring().save(f"{sys.argv[1]}/{kind}.ring.gz")
print(*ports)
PYTHON
}

server_conf() { # NAME PORT
  cat >"$folder/$1-server.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $2
workers = 0
user = $(id -un)
swift_dir = $folder
devices = $folder/node
mount_check = false
disable_fallocate = true
[pipeline:main]
pipeline = $1-server
[app:$1-server]
use = egg:swift#$1
CONF
}

proxy_conf() { # PORT CACHE-PORT
  cat >"$folder/proxy-server.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $1
workers = 0
user = $(id -un)
swift_dir = $folder
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:s3api]
use = egg:swift#s3api
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$2
CONF
  for filter in catch_errors gatekeeper listing_formats copy slo dlo; do
    printf '[filter:%s]\nuse = egg:swift#%s\n' "$filter" "$filter" >>"$folder/proxy-server.conf"
  done
}

start() {
  command -v swift-proxy-server memcached >/dev/null && [[ -r /etc/swift/swift.conf ]] || exit 77
  mkdir -p "$folder/node/disk"
  local name port ports
  read -r -a ports <<<"$(make_rings 2>/dev/null)"
  memcached -u "$(id -un)" -l 127.0.0.1 -p "${ports[1]}" >"$folder/memcached.log" 2>&1 &
  echo $! >"$folder/memcached.pid"
  local at=2
  for name in account container object; do
    server_conf "$name" "${ports[at++]}"
    "swift-$name-server" "$folder/$name-server.conf" >"$folder/$name.log" 2>&1 &
    echo $! >"$folder/$name.pid"
  done
  port=${ports[0]}
  proxy_conf "$port" "${ports[1]}"
  swift-proxy-server "$folder/proxy-server.conf" >"$folder/proxy.log" 2>&1 &
  echo $! >"$folder/proxy.pid"
  # the curl command takes a key with a colon from an address alone; the hash is that of nothing
  for ((i = 0; i < 600; ++i)); do # two minutes, on a machine that is busy
    if curl -sf -o /dev/null -X PUT --aws-sigv4 aws:amz:us-east-1:s3 "http://test%3Atester:testing@127.0.0.1:$port/films" \
      -H "x-amz-content-sha256: $(sha256sum </dev/null | cut -d' ' -f1)"; then break; fi
    sleep 0.2
  done
  echo "http://127.0.0.1:$port"
}

case $command in
  start) start ;;
  stop) each KILL ;;
  pause) each STOP ;;
  resume) each CONT ;;
esac
