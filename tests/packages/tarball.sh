#!/usr/bin/env bash
# Unpacks the tarball on a bare Debian 12, which has none of the libraries, and makes a film there. Needs root, mmdebstrap and the
# archive's network; `./dev package tarball` comes before.
# usage: tarball.sh [TARBALL]
set -euo pipefail
cd "$(dirname "$0")/../.."
tarball=${1:-$(ls build/package/longtake-*-linux-*.tar.xz)}
root=$(mktemp -d)
trap 'umount "$root/proc" 2>/dev/null || true; rm -rf "$root"' EXIT
mmdebstrap --quiet --variant=minbase --include=fonts-dejavu-core bookworm "$root"
mount -t proc proc "$root/proc"
mkdir -p "$root/opt/sample"
tar -C "$root/opt" -xJf "$tarball"
cp -r samples/coffee/. "$root/opt/sample/"
inside() { chroot "$root" env HOME=/root LC_ALL=C "$@"; }
program=$(cd "$root" && ls opt/longtake-*/bin/longtake)
echo "libraries from outside the tarball: $(inside sh -c "ldd /$program" | grep -vc "/opt/longtake" || true), of $(inside sh -c "ldd /$program" | wc -l)"
inside "/$program" --version
inside "/$program" run /opt/sample/storyboard.json -p preview/360p -o /opt/out -q
inside sh -c "/$program probe /opt/out/*.mp4"
