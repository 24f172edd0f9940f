#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What real shells make of assay completion. For bash: each row is a line that is typed, cut as bash cuts it, and the
# words that are offered; and of every command exactly the options that its --help tells. For zsh and fish: that they
# can read theirs, and fish what it offers.
set -u
PATH=$ASSAY_BUILD:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# case NAME GOT WANTED
case_of()
{
	if [[ $2 == "$3" ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAILED %s\n  offered: %s\n  wanted:  %s\n' "$1" "$2" "$3"
	fi
}

# Lines sorted into one
line_of()
{
	sort -u | paste -sd ' '
}

for shell in bash zsh fish; do
	assay completion "$shell" >"$work/assay.$shell" || { echo "FAILED: completion $shell"; exit 1; }
	if ! command -v "$shell" >/dev/null; then
		echo "skipped: no $shell here (Debian: $shell)"
	elif "$shell" -n "$work/assay.$shell"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $shell does not read its completion"
	fi
done

# ---- bash ----

# shellcheck source=/dev/null
. "$work/assay.bash"

# What is offered for a line, sorted, with blanks between. The line is cut at blanks and at =, as bash cuts it.
offered()
{
	local line=$1 piece
	COMP_WORDS=()
	COMPREPLY=()
	for piece in $line; do
		while [[ $piece == *=* ]]; do
			[[ -z ${piece%%=*} ]] || COMP_WORDS+=("${piece%%=*}")
			COMP_WORDS+=("=")
			piece=${piece#*=}
		done
		[[ -z $piece ]] || COMP_WORDS+=("$piece")
	done
	[[ $line != *' ' ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_assay "${COMP_WORDS[0]}"
	printf '%s\n' "${COMPREPLY[@]}" | line_of
}

cd "$work" || exit 1
mkdir tree
touch evidence.json 'two words.json'

while IFS='|' read -r line words; do
	case_of "bash: \"$line\"" "$(offered "$line")" "$words"
done <<'ROWS'
assay ver|verify
assay to|token
assay com|completion
assay --v|--version
assay completion |bash fish zsh
assay completion bash |
assay setup |apply plan status undo
assay setup pl|plan
assay setup plan |
assay setup plan --format |json text
assay setup --profile |auto ppcie single
assay setup -p s|single
assay setup --ready=|attest unconditional
assay setup --ready=u|unconditional
assay setup --root |tree
assay setup --root tr|tree
assay setup --format json |apply plan status undo
assay setup --type pl|
assay instance |plan
assay tdx |learn
assay tdx learn ev|evidence.json
assay ready |clear get set
assay cache |export forget import list marks prune
assay cache import ev|evidence.json
assay cache --cache ev|evidence.json
assay token |show verify
assay token show --|--format --help
assay token verify --jw|--jwks
assay token verify --format |json text
assay token verify ev|evidence.json
assay sim |ctl env faults run up
assay sim ctl |fault plug reset revoke status stop time unplug
assay sim ctl --state tree st|status stop
assay sim faults --|--help --names --page
assay sim up --profile |none ppcie single
assay sim up --quote=|4 5
assay sim up --fault nonce-|nonce-mixed nonce-replayed nonce-wrong
assay sim run --fault=nonce-w|nonce-wrong
assay sim run --no-t|--no-tdx
assay sim run ev|
assay sim run -- tr ev|evidence.json
assay forge --ar|--arch
assay forge --arch |blackwell hopper
assay forge -o |tree
assay forge -|--arch --at --fault --faults --gpus --help --names --no-collateral --nonce --ocsp-sha1 --output --profile --seed --switches --tdx
assay collect -d |gpu nvswitch tdx
assay collect --device gpu,nv|gpu,nvswitch
assay collect --format |assay nvattest
assay collect ev|
assay gather ev|evidence.json
assay gather --arch |blackwell hopper ls10
assay gather --ocsp-nonce |if-present no yes
assay attest --profile |auto ppcie single
assay doctor --wait |
assay doctor --format |html json text
assay verify --format=n|nvattest
assay verify --claims |2 3
assay verify --at |
assay verify --anchors |tree
assay verify tw|two words.json
assay verify -- --v|
assay explain gpu.chain.p|gpu.chain.path gpu.chain.profile
assay explain REPORT_N|REPORT_NONCE
assay explain REPORT_NONCE node.nonce|node.nonce.same
assay nothing |
ROWS

# Each command with its --help: no option less, none more.
commands=(verify inspect 'token show' 'token verify' tdx explain completion attest collect gather doctor setup instance
	ready cache 'sim up' 'sim run' 'sim env' 'sim ctl' 'sim faults' forge)
for command in '' "${commands[@]}"; do
	# shellcheck disable=SC2086 # two words are two
	told=$(assay $command --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+' | line_of)
	[[ -n $command ]] || told='--help --version'
	case_of "options: $command" "$(offered "assay ${command:+$command }--")" "$told"
done
# And that these are all commands: what --help lists, and what is under token and sim.
top=$(assay --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | line_of)
case_of 'commands' "$(offered 'assay ')" "$top"
case_of 'commands of the test' "$(printf '%s\n' "${commands[@]%% *}" | line_of)" "$top"

# Words that the tables offer are words that the commands take.
while IFS='|' read -r line option; do
	for word in $(offered "assay $line $option "); do
		# shellcheck disable=SC2086 # a line is words
		said=$(timeout 120 assay $line $option "$word" --help 2>&1 >/dev/null)
		case_of "taken: $line $option $word" "$said" ''
	done
	# shellcheck disable=SC2086
	said=$(timeout 120 assay $line $option nonsense --help 2>&1 >/dev/null)
	case_of "refused: $line $option" "${said##*, not }" '"nonsense"'
done <<'ROWS'
verify|--format
collect|--format
attest|--profile
doctor|--profile
setup|--profile
setup|--ready
gather|--ocsp-nonce
gather|--arch
sim up|--profile
sim up|--arch
sim up|--quote
ROWS

# Where = does not cut words, the option stays in front.
COMP_WORDBREAKS=${COMP_WORDBREAKS//=/}
COMP_WORDS=(assay setup --format=j)
COMP_CWORD=2
_assay assay
case_of 'bash without = among its breaks' "${COMPREPLY[*]}" --format=json

# ---- fish ----

if command -v fish >/dev/null; then
	while IFS='|' read -r line words; do
		got=$(HOME=$work fish --no-config -c "source $work/assay.fish; complete -C '$line'" 2>&1 | cut -f 1 | line_of)
		case_of "fish: \"$line\"" "$got" "$words"
	done <<-'ROWS'
	assay ver|verify
	assay setup |apply plan status undo
	assay setup plan --format |json text
	assay setup --ready=u|--ready=unconditional
	assay token |show verify
	assay token show --f|--format
	assay token verify --jw|--jwks
	assay sim |ctl env faults run up
	assay sim up --quote |4 5
	assay sim up --fault nonce-w|nonce-wrong
	assay sim ctl st|status stop
	assay explain gpu.chain.pa|gpu.chain.path
	assay verify ev|evidence.json
	assay collect ev|
	assay verify --anchors tr|tree/
	ROWS
fi

echo "$passed passed, $failed failed"
((failed == 0))
