#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# assay-checks(7) as scdoc, from what assay itself explains.
#
#	man/checks.sh ASSAY
set -eu
assay=${1:?usage: man/checks.sh ASSAY}

# scdoc's own marks are escaped; each block of the listing becomes a definition.
blocks()
{
	# shellcheck disable=SC2086 # one word a name
	"$assay" explain $1 | sed 's/[\\*_`<>#|[]/\\&/g' | awk '
	function sentence(s) { return toupper(substr(s, 1, 1)) substr(s, 2) (s ~ /[.)]$/ ? "" : ".") }
	/^[^ ]/ { name = $1; sub(/:$/, "", name); printf "*%s*\n\t%s\n\n", name, sentence(substr($0, length($1) + 2)); next }
	NF == 0 { next }
	{
		label = $1; text = $0; sub(/^ *[^ ]+ +/, "", text)
		if (label == "waivers" && text ~ /^none/) next
		if (label == "needed") text = text ~ /ready/ ? "Required for \"ready\"." : text ~ /^yes/ ? "Required for \"accepted\"." : "Not required; where it is asked, what it says counts."
		else if (label == "why") text = sentence(text)
		else text = "_" label "_: " (label ~ /^(do|failure)$/ ? sentence(text) : text)
		printf "\t%s\n\n", text
	}'
}

names=$("$assay" explain | awk 'NF == 0 { exit } { print $1 }')
codes=$("$assay" explain | awk 'found { print $1 } NF == 0 { found = 1 }')
[ -n "$names" ] && [ -n "$codes" ]

cat <<'TOP'
assay-checks(7) "assay" "assay"

# NAME

assay-checks - checks and codes: what assay asks, and every way in which it says no

# DESCRIPTION

A report consists of findings. Each has the id of a check and, unless the check held, a code. The code alone decides what
becomes of the verdict; one check may fail with different codes. Ids and codes are stable: they may be kept in files and
compared by name. This page is made from the catalogue that *assay explain* prints.

TOP
for part in node gpu nvswitch tdx token platform kernel boot memory io td pci driver lkca ppcie initramfs service cc cuda \
	container attestation network; do
	list=$(printf '%s\n' "$names" | grep "^$part\\.") || continue
	printf '# CHECKS: %s\n\n' "$(printf %s "$part" | tr '[:lower:]' '[:upper:]')"
	blocks "$list"
done
printf '# CODES\n\n'
blocks "$codes"
cat <<'END'
# SEE ALSO

*assay*(1), *assay-explain*(1), *assay-verify*(1), *assay-report*(5), *assay-policy*(5)
END
