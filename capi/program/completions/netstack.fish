# fish completion of the program netstack.

set -l commands demo serve replay
complete -c netstack -f
complete -c netstack -s h -l help -d 'Print help and exit'
complete -c netstack -n "not __fish_seen_subcommand_from $commands" -l version -d 'Print the version and exit'
complete -c netstack -n "not __fish_seen_subcommand_from $commands" -a demo \
    -d 'Show a network that exists only in a handler; needs no root'
complete -c netstack -n "not __fish_seen_subcommand_from $commands" -a serve \
    -d 'Answer on a TUN device until Ctrl-C'
complete -c netstack -n "not __fish_seen_subcommand_from $commands" -a replay \
    -d 'Send a capture through a stack'

set -l demo __fish_seen_subcommand_from demo
complete -c netstack -n "$demo" -l in-memory -d "Without a device, a namespace and the system's ping"

set -l serve __fish_seen_subcommand_from serve
complete -c netstack -n "$serve" -x -l tun -a '(command ls /sys/class/net)' -d 'The device (required)'
complete -c netstack -n "$serve" -x -l host-address -d "The host's address on it, which is then brought up"
complete -c netstack -n "$serve" -x -l mtu -d "The device's MTU, in bytes"
complete -c netstack -n "$serve" -x -l address -d 'An address that the stack has'
complete -c netstack -n "$serve" -x -l prefix -d 'Makes all its addresses ours, assigns none'
complete -c netstack -n "$serve" -x -l policy -d 'How its echo requests are answered'
complete -c netstack -n "$serve" -r -F -l pcap -d 'Captures all packets'
complete -c netstack -n "$serve" -x -l interval -d 'Between live counters, in seconds'

set -l replay __fish_seen_subcommand_from replay
complete -c netstack -n "$replay" -F
complete -c netstack -n "$replay" -x -l address -d 'An address that the stack has'
complete -c netstack -n "$replay" -x -l prefix -d 'Makes all its addresses ours, assigns none'
complete -c netstack -n "$replay" -l promiscuous -d 'Takes packets for every address'
complete -c netstack -n "$replay" -l spoofing -d 'IPv6: answers from addresses that nobody assigned'
complete -c netstack -n "$replay" -l forwarding -d 'Sends packets on that are not ours'
complete -c netstack -n "$replay" -x -l mtu -d "The link's MTU, in bytes"
complete -c netstack -n "$replay" -x -l seed -d "Of the stack's random numbers"
complete -c netstack -n "$replay" -x -l handler -a 'none decline consume reply reply-decline' \
    -d 'What decides about echo requests'
complete -c netstack -n "$replay" -x -l ping-socket -d 'A ping socket'
complete -c netstack -n "$replay" -r -F -l stats -d 'Writes all counters there, as JSON'
