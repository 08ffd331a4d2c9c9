#!/bin/sh
# What some tests need of the system, and Python packages cannot bring: for real sticks programs that
# make FAT32 and exFAT, and drivers in user space for kernels without one; for real databases a
# PostgreSQL server, which the tests start themselves; for the verifier of tests/verifiers Go and
# its library.
#
# Says what is missing; installs it where that is possible (root, Debian), unless SYSTEM=0 forbids.
# Never fails: without these parts some tests are skipped, and pytest lists them.
set -u

missing=""
need() { # a program, and the package that brings it
    PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

[ "$(uname -s)" = Linux ] || exit 0
need mkfs.vfat dosfstools
need mkfs.exfat exfatprogs
# Only where the kernel cannot: then at least exFAT is mounted, and a FAT without Japanese names.
grep -qw exfat /proc/filesystems || modprobe exfat 2>/dev/null || need mount.exfat-fuse exfat-fuse
grep -qw vfat /proc/filesystems || modprobe vfat 2>/dev/null || need fusefat fusefat
# Debian has a server's programs on nobody's path.
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need initdb postgresql
need go golang-go
[ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ] || missing="$missing golang-golang-x-mod-dev"

[ -n "$missing" ] || exit 0
echo "system: some tests need:$missing" >&2
if [ "${SYSTEM:-1}" = 0 ]; then
    echo "system: SYSTEM=0: nothing is installed, those tests are skipped" >&2
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "system: not root on Debian: install them yourself, or those tests are skipped" >&2
    exit 0
fi
# Debian's package would make a database of its own and start it; the tests start only theirs.
own=/etc/postgresql-common/createcluster.conf
case "$missing" in
*postgresql*) [ -e "$own" ] || { mkdir -p "${own%/*}" && echo "create_main_cluster = false" >"$own"; } ;;
esac
for try in 1 2 3; do
    # shellcheck disable=SC2086  the packages are words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Options::=--force-confold $missing >/dev/null 2>&1 && exit 0
    echo "system: the install failed; reading the lists of packages and trying again" >&2
    apt-get update -qq >/dev/null 2>&1
    [ "$try" = 3 ] || sleep 3
done
echo "system: the install failed: those tests are skipped" >&2
exit 0
