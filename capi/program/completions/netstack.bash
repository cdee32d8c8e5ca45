# bash completion of the program netstack.

_netstack() {
  local word=$2 previous=$3 command="" words="" index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    case ${COMP_WORDS[index]} in
      demo | serve | replay)
        command=${COMP_WORDS[index]}
        break
        ;;
    esac
  done

  # bash takes --name=value for three words.
  if [[ $previous == "=" ]]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi
  if [[ $word == "=" ]]; then word=""; fi
  case $command$previous in
    serve--pcap | replay--stats)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    serve--tun)
      mapfile -t COMPREPLY < <(compgen -W "$(command ls /sys/class/net)" -- "$word")
      return
      ;;
    replay--handler)
      mapfile -t COMPREPLY < <(compgen -W "none decline consume reply reply-decline" -- "$word")
      return
      ;;
    serve--host-address | serve--mtu | serve--address | serve--prefix | serve--policy | serve--interval | \
      replay--address | replay--prefix | replay--mtu | replay--seed | replay--ping-socket)
      return
      ;;
  esac

  case $command in
    demo) words="--help --in-memory" ;;
    serve) words="--help --tun --host-address --mtu --address --prefix --policy --pcap --interval" ;;
    replay)
      words="--help --address --prefix --promiscuous --spoofing --forwarding --mtu --seed --handler --ping-socket"
      words+=" --stats"
      ;;
    *) words="demo serve replay --help --version" ;;
  esac
  if [[ $command == replay && $word != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  elif [[ -z $command || $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  fi
}

complete -o filenames -F _netstack netstack
