#!/usr/bin/env bash
# Proves that check-rules.sh catches each mistake in a list, and nothing else.
set -euo pipefail

check=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/check-rules.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
cases=0

# What stands in for a program of tests.
cat >"$work/program" <<'PROGRAM'
#!/usr/bin/env bash
set -euo pipefail
cat <<'TESTS'
Plain.
  IsThere
  DISABLED_IsAsleep
Of/Family.  # TypeParam = none
  HasNames/Ipv4  # GetParam() = Ipv4
  HasNames/Ipv6  # GetParam() = Ipv6
TESTS
PROGRAM
chmod +x "$work/program"

# A list without a mistake; the 7th rule is still to come.
make_list() {
  echo '| # | rule | IPv4 | IPv6 | note |'
  echo '|---|---|---|---|---|'
  for number in {1..40}; do
    if ((number == 7)); then
      # shellcheck disable=SC2016
      echo '| 7 | waits | `Plain.IsThere` | – | not yet: needs hands |'
    else
      # shellcheck disable=SC2016
      echo "| $number | holds | "'`Of/Family.HasNames/Ipv4` | `Of/Family.HasNames/Ipv6`, `Plain.IsThere` | |'
    fi
  done
}

# expect_caught WORDS SED: with this edit the check fails and says so.
expect_caught() {
  local words=$1 edit=$2 output
  cases=$((cases + 1))
  make_list | sed -E "$edit" >"$work/list.md"
  if output=$("$check" "$work/program" "$work/list.md" 2>&1); then
    echo "self-test: not caught: $edit" >&2
    failures=$((failures + 1))
  elif [[ $output != *"$words"* ]]; then
    echo "self-test: wrong message for $edit: $output" >&2
    failures=$((failures + 1))
  fi
}

make_list >"$work/list.md"
if ! "$check" "$work/program" "$work/list.md"; then
  echo "self-test: the good list was refused" >&2
  failures=$((failures + 1))
fi

expect_caught 'rule 3: there is no test Of/Family.HasNames/Ipv' '/^\| 3 /s/HasNames.Ipv4/HasNames\/Ipv/'
expect_caught 'rule 9: there is no test Plain.IsTheree' '/^\| 9 /s/IsThere/IsTheree/'
expect_caught 'rule 7: there is no test Family.HasNames' '/^\| 7 /s/Plain.IsThere/Family.HasNames/'
expect_caught 'Plain.DISABLED_IsAsleep does not run' '/^\| 8 /s/IsThere/DISABLED_IsAsleep/'
expect_caught 'expected rule 12 here' '/^\| 12 /d'
expect_caught 'expected rule 13 here' '/^\| 13 /s/13/12/'
expect_caught 'rule 40: is missing' '/^\| 40 /d'
expect_caught 'rule 1: is missing' '/^\| [1-9]/d'
expect_caught 'rule 7: names no test for a family, and not why' 's/not yet: needs hands//'
expect_caught 'rule 5: names no test for a family, and not why' '/^\| 5 /s/`//g'
expect_caught 'rule 6: says nothing' '/^\| 6 /s/holds//'

echo "self-test: $cases mistakes, $failures not caught"
((failures == 0))
