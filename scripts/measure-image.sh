#!/bin/bash
# Builds the image of the Dockerfile on a Debian machine without Docker or its registry, and tells the size of its root:
# buildah runs the Dockerfile's steps in roots that debootstrap has made and this machine's Node was put into, as the
# official images debian:bookworm-slim and node:20-bookworm-slim are made. Needs root, buildah and debootstrap.
#
#   npm run image:size [-- cpu|cuda]
#
# Leaves the root in build/image/root, to be tried: chroot --userspec=1000:1000 build/image/root ...
set -euo pipefail
cd "$(dirname "$0")/.."

target=${1:-cpu}
most_megabytes=250
work=$PWD/build/image
bases=$work/bases
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot

# Official slim images are minbase without what nobody reads in a container, and keep no archives of packages.
unread=(/usr/share/{doc,groff,info,lintian,linda,locale,man})

debian_slim() {
  local root=$1
  debootstrap --variant=minbase bookworm "$root" > "$work/debootstrap.log"
  local mirror
  mirror=$(awk '$1 == "deb" { print $2; exit }' "$root/etc/apt/sources.list")
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root/etc/apt/sources.list"
  for path in "${unread[@]}"; do
    rm -rf "${root:?}$path"/*
    printf 'path-exclude %s/*\n' "$path" >> "$root/etc/dpkg/dpkg.cfg.d/docker"
  done
  printf 'path-include /usr/share/doc/*/copyright\n' >> "$root/etc/dpkg/dpkg.cfg.d/docker"
  printf 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin"; };\n' \
    > "$root/etc/apt/apt.conf.d/docker-clean"
  local signer='Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg'
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n%s\n\n' \
    "$mirror" 'bookworm bookworm-updates' "$signer" "${mirror%/}-security" bookworm-security "$signer" \
    > "$root/etc/apt/sources.list.d/debian.sources"
}

with_node() {
  local root=$1 from
  from=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
  mkdir -p "$root/usr/local"/{bin,include,lib/node_modules}
  cp "$from/bin/node" "$root/usr/local/bin/"
  cp -r "$from/include/node" "$root/usr/local/include/"
  cp -r "$from/lib/node_modules/npm" "$root/usr/local/lib/node_modules/"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
}

# As `name`, so that the Dockerfile's FROM finds it here. What this machine's npm trusts is trusted in there too.
import_image() {
  local name=$1 root=$2 container
  container=$(buildah from scratch)
  buildah copy -q "$container" "$root" / > /dev/null
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  [ -z "${NODE_EXTRA_CA_CERTS:-}" ] || buildah config --env NODE_EXTRA_CA_CERTS=/run/machine-certs.pem "$container"
  buildah commit -q --rm "$container" "$name" > /dev/null
}

if [ ! -d "$bases" ]; then
  mkdir -p "$work"
  rm -rf "$bases.new"
  mkdir "$bases.new"
  debian_slim "$bases.new/debian"
  cp -a "$bases.new/debian" "$bases.new/node"
  with_node "$bases.new/node"
  import_image docker.io/library/debian:bookworm-slim "$bases.new/debian"
  import_image docker.io/library/node:20-bookworm-slim "$bases.new/node"
  mv "$bases.new" "$bases"
fi

certs=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
buildah build --quiet --layers --pull-never --format docker --volume "$certs:/run/machine-certs.pem:ro" \
  --target "$target" --tag "framewell-$target" . > /dev/null

container=$(buildah from --pull-never "framewell-$target")
rm -rf "$work/root"
cp -a "$(buildah mount "$container")" "$work/root"
buildah rm "$container" > /dev/null

# Every file once, however many names it has. Of the parts, those that make the size.
bytes_of() { find "$@" -xdev -type f -printf '%i %s\n' | sort -u | awk '{ sum += $2 } END { print sum + 0 }'; }
megabytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f MB", bytes / 1e6 }'; }
cd "$work/root"
for part in usr/local/bin/node usr/local/lib framewell/node_modules framewell/build framewell/dist; do
  printf '%-24s %s\n' "$part" "$(megabytes "$(bytes_of "$part")")"
done
printf '%-24s %s\n' 'Debian and the rest' "$(megabytes $(($(bytes_of .) - $(bytes_of usr/local framewell))))"
size=$(bytes_of .)
printf '%-24s %s\n' "the root of $target" "$(megabytes "$size")"
if [ "$target" = cpu ] && [ "$size" -ge $((most_megabytes * 1000000)) ]; then
  echo "Expected less than $most_megabytes MB" >&2
  exit 1
fi
