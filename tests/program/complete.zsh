# What zsh completes after a line, one candidate a line: complete.zsh FOLDER LINE, where FOLDER has the completion.
# A shell of its own at a terminal of its own shows its candidates instead of inserting one. Calls of compadd with
# -O, -A or -D ask which candidates fit, and add none.
zmodload zsh/zpty || exit 1

zpty shell zsh -f -i
zpty -w shell "PROMPT=; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell 'compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a fitting
  builtin compadd -A fitting "$@"
  print -rl -- "" candidate:$^fitting
  builtin compadd "$@"
}
show() { _main_complete; print -r -- "candidates"-end; exit }
zle -C show list-choices show; bindkey "^X" show; print -r -- "shell"-ready'
zpty -r shell output '*shell-ready*' || exit 1
zpty -n -w shell "$2"$'\C-X'
zpty -r shell output '*candidates-end*' || exit 1
print -r -- $output | tr -d '\r' | sed -n 's/^candidate://p' | sort -u
