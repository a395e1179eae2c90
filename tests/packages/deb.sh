#!/usr/bin/env bash
# Installs the packages on a bare Debian 12, makes a film there, calls the C interface from Python, removes them, and says every
# file that is left. Needs root, mmdebstrap and the archive's network; `./dev package` comes before.
# usage: deb.sh [FOLDER OF .deb FILES]
set -euo pipefail
cd "$(dirname "$0")/../.."
packages=$(realpath "${1:-build/package}")
root=$(mktemp -d)
trap 'umount "$root/proc" 2>/dev/null || true; rm -rf "$root"' EXIT

echo "a bare Debian 12"
mmdebstrap --quiet --variant=minbase bookworm "$root"
mount -t proc proc "$root/proc"
mkdir "$root/opt/packages" "$root/opt/sample"
cp "$packages"/*.deb "$root/opt/packages/"
cp -r samples/coffee/. "$root/opt/sample/"
cp examples/longtake.py "$root/opt/"

inside() { chroot "$root" env DEBIAN_FRONTEND=noninteractive HOME=/root LC_ALL=C "$@"; }
files() { (cd "$root" && find . -path ./proc -prune -o -path ./opt -prune -o -print | sort); }
quiet() { "$@" >"$root/opt/log" 2>&1 || { tail -20 "$root/opt/log"; exit 1; }; }

quiet inside apt-get update
ours=(); for package in longtake liblongtake1; do ours+=("/opt/packages/$(basename "$root"/opt/packages/"$package"_*.deb)"); done
files >"$root/opt/before"
quiet inside apt-get install -y --no-install-recommends "${ours[@]}" python3 fonts-noto-core
inside longtake --version
inside longtake run /opt/sample/storyboard.json -p preview/360p -o /opt/out -q
inside sh -c 'longtake probe /opt/out/*.mp4'
inside python3 -S /opt/longtake.py providers | head -c 80
echo
quiet inside apt-get purge -y --autoremove longtake liblongtake1 python3 fonts-noto-core
inside dpkg --audit
files >"$root/opt/after"
echo "left behind:"
# What apt and dpkg keep of their own, whatever was installed: caches, logs, lists of what was there.
diff "$root/opt/before" "$root/opt/after" | grep '^[<>]' |
  grep -vE './(var/(cache|log|lib/(apt|dpkg|ucf|python))|etc/ld.so.cache|root/\.(local|cache|config))' || echo "nothing"
