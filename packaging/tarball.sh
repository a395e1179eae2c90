#!/usr/bin/env bash
# A tarball with every library that the program loads but the C library's own, for other distributions: whoever has a glibc
# at least as new as the machine that builds it unpacks it anywhere and runs bin/longtake.
# usage: tarball.sh INSTALLED VERSION OUT.tar.xz     INSTALLED: what `cmake --install` put there, with a prefix of /usr
set -euo pipefail
installed=$1 version=$2 out=$(realpath -m "$3")
# What has to fit the kernel, the loader and each other is the system's.
ours='^(ld-linux.*|libc|libm|libdl|libpthread|librt|libresolv|libutil|libanl|libnss_.*)\.so'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/longtake-$version
mkdir -p "$root/lib"
cp -a "$installed/usr/bin" "$installed/usr/share" "$root/"
cp -L "$installed"/usr/lib/*/liblongtake.so.1 "$root/lib/" 2>/dev/null || cp -L "$installed"/usr/lib/liblongtake.so.1 "$root/lib/"
ldd "$root/bin/longtake" "$root/lib/liblongtake.so.1" | sed -nE 's/.* => (\/[^ ]+) .*/\1/p' | sort -u |
  while read -r library; do
    [[ $(basename "$library") =~ $ours ]] || cp -L "$library" "$root/lib/"
  done
# RPATH, not RUNPATH: it counts for what the libraries themselves need, too.
patchelf --force-rpath --set-rpath '$ORIGIN/../lib' "$root/bin/longtake"
patchelf --force-rpath --set-rpath '$ORIGIN' "$root/lib/liblongtake.so.1"
strip --strip-unneeded "$root"/lib/*.so* "$root/bin/longtake"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner -cJf "$out" "longtake-$version"
echo "$out: $(du -h "$out" | cut -f1), $(find "$root/lib" -type f | wc -l) libraries; needs glibc $(
  objdump -T "$root/bin/longtake" "$root"/lib/*.so* 2>/dev/null | grep -oE 'GLIBC_[0-9]+\.[0-9.]+' | sort -Vu | tail -1 | cut -d_ -f2)"
