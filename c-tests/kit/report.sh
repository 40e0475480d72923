# Sourced by the script tests: `ok NAME` and `bad NAME why`, one line each, and at the end
# `finish_report`, which prints "N passed, N failed" and gives the exit status.
passed=0 failed=0
ok() { passed=$((passed + 1)); echo "ok   $1"; }
bad() { failed=$((failed + 1)); echo "FAIL $1: ${2:-}"; }
# check NAME command...: passes when the command does; its output is shown when it does not.
check() {
    local name=$1 out; shift
    if out=$("$@" 2>&1 </dev/null); then ok "$name"; else bad "$name" "$(printf '%s' "$out" | tail -n 15)"; fi
}
# same NAME got want
same() {
    if [ "$2" = "$3" ]; then ok "$1"; else bad "$1" "got '$(printf %s "$2" | head -c 300)', want '$(printf %s "$3" | head -c 300)'"; fi
}
finish_report() { echo "$passed passed, $failed failed"; [ "$failed" = 0 ]; }
