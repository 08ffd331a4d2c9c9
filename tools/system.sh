#!/bin/sh
# What the tests of real sticks need of the system, and Python packages cannot bring: programs that
# make FAT32 and exFAT, and drivers in user space for kernels without one.
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

[ -n "$missing" ] || exit 0
echo "system: the tests of real sticks need:$missing" >&2
if [ "${SYSTEM:-1}" = 0 ]; then
    echo "system: SYSTEM=0: nothing is installed, those tests are skipped" >&2
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "system: not root on Debian: install them yourself, or those tests are skipped" >&2
    exit 0
fi
for try in 1 2 3; do
    # shellcheck disable=SC2086  the packages are words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing \
        >/dev/null 2>&1 && exit 0
    echo "system: the install failed; reading the lists of packages and trying again" >&2
    apt-get update -qq >/dev/null 2>&1
    [ "$try" = 3 ] || sleep 3
done
echo "system: the install failed: those tests are skipped" >&2
exit 0
