# steps.sh - what the scripts of this folder share. Sourced, with $demo set.
root=$(dirname -- "$demo")
weft=${WEFT:-$root/build/weft}
log=.demo
tested=0

die() {
    printf 'demo: %s\n' "$*" >&2
    exit 1
}

say() {
    printf '\n# %s\n' "$*"
}

# begin FOLDER: an empty one to work in; one that an earlier demo made is made anew.
begin() {
    work=$1
    [ -x "$weft" ] || die "$weft is not there; build it with: make build"
    if [ -e "$work" ] && [ ! -f "$work/.demo" ]; then
        [ -d "$work" ] && [ -z "$(ls -A -- "$work")" ] || die "$work is there already and no earlier demo made it"
    fi
    rm -rf -- "$work" && mkdir -p -- "$work" && : >"$work/.demo" || die "could not make $work"
    cd -- "$work" || die "could not enter $work"
    work=$(pwd)
    mkdir -p data && printf '.weft/\ndata/\n' >.gitignore || die "could not write to $work"
}

# run EXIT ARGUMENT...: weft with these arguments, which must end with this exit code. Its output
# is kept in $log for `expect`.
run() {
    want=$1
    shift
    printf '$ weft'
    for word; do
        case $word in
        *[!A-Za-z0-9_./=-]*) printf ' "%s"' "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    "$weft" "$@" >"$log" 2>&1
    got=$?
    cat "$log"
    [ "$got" = "$want" ] || die "the last command ended with $got instead of $want"
}

# expect TEXT...: each stands in what the last command printed.
expect() {
    for text; do
        grep -qF -- "$text" "$log" || die "the last command did not print: $text"
        tested=$((tested + 1))
    done
}

# members FILE: the made-up members of the loyalty programme.
members() {
    awk -v count=5000 -f "$demo/members.awk" >"$1" || die "could not write $1"
}

end() {
    printf '\n# %s expectations held. The mesh is in %s\n' "$tested" "$work"
}
