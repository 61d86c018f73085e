# zsh offered.zsh FOLDER LINE: what zsh offers for the end of a line when somebody types it and presses Tab, with the
# completions in FOLDER. Each word stands between < and >, and what else the terminal shows around them.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; unset zle_bracketed_paste; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D"
# With -O, -A and -D, compadd is only asked what would fit.
zpty -w shell '
compadd () {
  [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] && { builtin compadd "$@"; return }
  typeset -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- "<"$^hits">"
  builtin compadd "$@"
}
tell-end () { print "<<"end">>" }
zle -N tell-end
bindkey "^I" complete-word
bindkey "^X" tell-end
print "<<"ready">>"'
zpty -r shell shown '*<<ready>>*'
zpty -n -w shell "$2"$'\t\C-X'
zpty -r shell shown '*<<end>>*'
print -r -- $shown
