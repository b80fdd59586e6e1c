#!/bin/sh
# Installs the Debian packages named as arguments. Run as root by `cargo xtask`, or by hand with the command
# that it prints. Asks nothing, and no server that comes along is started, now or at the next boot.
set -eu

policy=/usr/sbin/policy-rc.d
mark='# No service starts while cargo xtask installs packages.'
# A policy of the administrator's stays as it is; one of ours that a power cut left behind is taken over.
if [ ! -e "$policy" ] || grep -qF "$mark" "$policy"; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
    chmod 755 "$policy"
fi

# Whoever runs one of these already keeps it as it is.
new_services=
for service in dovecot postfix postgresql; do
    [ -e "/etc/init.d/$service" ] || new_services="$new_services $service"
done

# PostgreSQL would make a cluster that nobody uses; its tests make their own.
for package in "$@"; do
    if [ "$package" = postgresql ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common
        printf '# Written by cargo xtask when it installed PostgreSQL for tests.\ncreate_main_cluster = false\n' \
            >/etc/postgresql-common/createcluster.conf
    fi
done

export DEBIAN_FRONTEND=noninteractive
apt() {
    apt-get --quiet --option DPkg::Lock::Timeout=300 --option Acquire::Retries=3 \
        --option Dpkg::Options::=--force-confold "$@"
}

if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit)" ]; then
    apt update
    apt install --yes --no-install-recommends "$@"
else
    # Lists that are weeks old name versions that the mirrors no longer have.
    apt install --yes --no-install-recommends "$@" || {
        apt update
        apt install --yes --no-install-recommends "$@"
    }
fi

for service in $new_services; do
    if [ -e "/etc/init.d/$service" ]; then
        update-rc.d "$service" disable
    fi
done
