"""TextFSM templates for the outputs of IOS, and one call to use them. Each ends
in a line that makes every unknown line an error."""
import io

import textfsm

# Made from the layout of a 12.4 router; one for both beginnings.
VERSION = r"""
Value SOFTWARE (\S+)
Value IMAGE (\S+)
Value VERSION (\S+)
Value FC (fc\d+)
Value ROM (.+)
Value HOSTNAME (\S+)
Value UPTIME (.+)
Value REASON (.+)
Value RESTARTED (.+)
Value RUNNING (.+)
Value HARDWARE (\S+)
Value PROCESSOR (.+)
Value MEMORY (\d+)
Value SWAP (\d+)
Value SERIAL (\S+)
Value List INTERFACES (\d+ .+ interfaces?)
Value REGISTER (0x\d+)

Start
  ^(Cisco IOS Software, )?${SOFTWARE} Software \(${IMAGE}\), Version ${VERSION}, RELEASE SOFTWARE \(${FC}\)$$
  ^Copyright \(c\) .+
  ^Compiled \w{3} \d\d-\w{3}-\d\d \d\d:\d\d$$
  ^ROM: ${ROM}
  ^${HOSTNAME} uptime is ${UPTIME}$$
  ^System returned to ROM by ${REASON}$$
  ^System restarted at ${RESTARTED}$$
  ^System image file is "${RUNNING}"$$
  ^Last reload reason: .+
  ^(Cisco )?${HARDWARE} \(${PROCESSOR}\) processor.* with ${MEMORY}K/${SWAP}K bytes of memory\.$$
  ^Processor board ID ${SERIAL}$$
  ^${INTERFACES}$$
  ^Configuration register is ${REGISTER}$$ -> Record
  ^\s*$$
  ^. -> Error
"""

INVENTORY = r"""
Value NAME (.*)
Value DESCR (.*)
Value PID (\S+)
Value VID (.*?)
Value SN (.*)

Start
  ^NAME: "${NAME}", DESCR: "${DESCR}"$$
  ^PID: ${PID}\s*, VID: ${VID}\s*, SN: ${SN}$$ -> Record
  ^\s*$$
  ^. -> Error
"""

USERS = r"""
Value MINE (\*?)
Value LINE (\d+ (con|vty) \d+)
Value USER (\S*)
Value HOSTS (\S+)
Value IDLE (\d\d:\d\d:\d\d|\d+\w\d+\w)
Value LOCATION (\S*)

Start
  ^\s+Line\s+User\s+Host\(s\)\s+Idle\s+Location$$
  ^${MINE}\s+${LINE}\s+${USER}\s+${HOSTS}\s+${IDLE}\s+${LOCATION}\s*$$ -> Record
  ^\s+Interface\s+User\s+Mode\s+Idle\s+Peer\s+Address$$
  ^\s*$$
  ^. -> Error
"""

DIR = r"""
Value Filldown FILE_SYSTEM (\S+)
Value ID (\d+)
Value PERMISSIONS (\S+)
Value SIZE (\d+)
Value DATE_TIME (\w{3}\s+\d+\s+\d{4}\s+\d\d:\d\d:\d\d\s+[+-]\d\d:\d\d)
Value NAME (\S+)

Start
  ^Directory of ${FILE_SYSTEM}$$
  ^\s+${ID}\s+${PERMISSIONS}\s+${SIZE}\s+${DATE_TIME}\s+${NAME}$$ -> Record
  ^\d+ bytes total \(\d+ bytes free\)$$
  ^No files in directory$$
  ^\s*$$
  ^. -> Error

EOF
"""

IP_INTERFACE_BRIEF = r"""
Value INTERFACE (\S+)
Value ADDRESS (unassigned|\d+\.\d+\.\d+\.\d+)
Value METHOD (NVRAM|manual|DHCP|unset|other|TFTP)
Value STATUS (up|down|administratively down|deleted)
Value PROTOCOL (up|down)

Start
  ^Interface\s+IP-Address\s+OK\?\s+Method\s+Status\s+Protocol\s*$$
  ^${INTERFACE}\s+${ADDRESS}\s+(YES|NO)\s+${METHOD}\s+${STATUS}\s+${PROTOCOL}\s*$$ -> Record
  ^. -> Error
"""

INTERFACES = r"""
Value Required INTERFACE (\S+)
Value STATUS (up|down|administratively down)
Value PROTOCOL (up|down)
Value HARDWARE (\S+)
Value MAC ([a-f\d]{4}\.[a-f\d]{4}\.[a-f\d]{4})
Value BIA ([a-f\d]{4}\.[a-f\d]{4}\.[a-f\d]{4})
Value DESCRIPTION (.+?)
Value ADDRESS (\d+\.\d+\.\d+\.\d+/\d+)
Value MTU (\d+)
Value BANDWIDTH (\d+ Kbit/sec|unknown)
Value ENCAPSULATION (\w+)
Value DUPLEX (Full|Half|Unknown)
Value SPEED (\S+Mb/s|unknown speed)
Value QUEUEING (\S+)
Value OUTPUT_DROPS (\d+)
Value IN_PACKETS (\d+)
Value IN_BYTES (\d+)
Value MULTICASTS (\d+)
Value IN_ERRORS (\d+)
Value CRC (\d+)
Value OUT_PACKETS (\d+)
Value OUT_BYTES (\d+)
Value OUT_ERRORS (\d+)

Start
  ^\S+\s+is\s+.+?,\s+line\s+protocol.*$$ -> Continue.Record
  ^${INTERFACE}\s+is\s+${STATUS},\s+line\s+protocol\s+is\s+${PROTOCOL}\s*$$
  ^\s+Hardware\s+is\s+${HARDWARE},\s+address\s+is\s+${MAC}(\s+\(bia\s+${BIA}\))?$$
  ^\s+Hardware\s+is\s+${HARDWARE}$$
  ^\s+Description:\s+${DESCRIPTION}\s*$$
  ^\s+Internet\s+address\s+is\s+${ADDRESS}$$
  ^\s+MTU\s+${MTU}\s+bytes,\s+BW\s+${BANDWIDTH}$$
  ^\s+Encapsulation\s+${ENCAPSULATION},\s+loopback\s+(not\s+)?set$$
  ^\s+${DUPLEX}.duplex,\s+${SPEED}$$
  ^\s+ARP\s+type:\s+ARPA$$
  ^\s+Last\s+clearing\s+of\s+"show\s+interface"\s+counters\s+never$$
  ^\s+Total\s+output\s+drops:\s+${OUTPUT_DROPS}$$
  ^\s+Queueing\s+strategy:\s+${QUEUEING}$$
  ^\s+Output\s+queue:\s+\d+/\d+\s+\(size/max\)$$
  ^\s+\d+\s+(minute|second)\s+(in|out)put\s+rate\s+\d+\s+bits/sec,\s+\d+\s+packets/sec$$
  ^\s+${IN_PACKETS}\s+packets\s+input,\s+${IN_BYTES}\s+bytes,\s+\d+\s+no\s+buffer$$
  ^\s+Received\s+(\d+|unknown)\s+broadcasts\s+\(${MULTICASTS}\s+IP\s+multicasts\)$$
  ^\s+${IN_ERRORS}\s+input\s+errors,\s+${CRC}\s+CRC,\s+\d+\s+frame,\s+\d+\s+overrun,\s+\d+\s+ignored$$
  ^\s+${OUT_PACKETS}\s+packets\s+output,\s+${OUT_BYTES}\s+bytes,\s+\d+\s+underruns$$
  ^\s+${OUT_ERRORS}\s+output\s+errors,\s+\d+\s+collisions$$
  ^\s+\d+\s+late\s+collision$$
  ^\s+\d+\s+lost\s+carrier$$
  ^. -> Error
"""

IP_INTERFACE = r"""
Value Required INTERFACE (\S+)
Value STATUS (up|down|administratively down)
Value ADDRESS (\d+\.\d+\.\d+\.\d+/\d+)
Value BROADCAST (\d+\.\d+\.\d+\.\d+)
Value List SECONDARY (\d+\.\d+\.\d+\.\d+/\d+)
Value MTU (\d+)

Start
  ^\S+\s+is\s+.+?,\s+line\s+protocol.*$$ -> Continue.Record
  ^${INTERFACE}\s+is\s+${STATUS},\s+line\s+protocol\s+is\s+(up|down)\s*$$
  ^\s+Internet\s+protocol\s+processing\s+disabled$$
  ^\s+Internet\s+address\s+is\s+${ADDRESS}$$
  ^\s+Broadcast\s+address\s+is\s+${BROADCAST}$$
  ^\s+Address\s+determined\s+by\s+(non-volatile\s+memory|setup\s+command)$$
  ^\s+MTU\s+is\s+${MTU}\s+bytes$$
  ^\s+Secondary\s+address\s+${SECONDARY}$$
  ^\s+Multicast\s+reserved\s+groups\s+joined:(\s+224\.0\.0\.\d+)+$$
  ^\s+Proxy\s+ARP\s+is\s+(en|dis)abled$$
  ^\s+ICMP\s+redirects\s+are\s+(always|never)\s+sent$$
  ^. -> Error
"""

IPV6_INTERFACE_BRIEF = r"""
Value Required INTERFACE (\S+)
Value STATUS (up|down|administratively down)
Value List ADDRESSES ([\dA-F:.]+|unassigned)

Start
  ^\S -> Continue.Record
  ^${INTERFACE}\s+\[${STATUS}/(up|down)\]$$
  ^\s{4}${ADDRESSES}$$
  ^. -> Error
"""

IP_ROUTE = r"""
Value CODE ([CSRBDOi]\*?)
Value Filldown NETWORK (\d+\.\d+\.\d+\.\d+)
Value Filldown LENGTH (\d+)
Value DISTANCE (\d+)
Value METRIC (\d+)
Value GATEWAY (\d+\.\d+\.\d+\.\d+)
Value INTERFACE ([\w.-]+)

Start
  ^Gateway\s+of\s+last\s+resort\s+is -> Routes
  ^(Codes:|\s{7})\s*\w.*$$
  ^\s*$$
  ^. -> Error

Routes
  ^\s*$$
  ^\s{5}\d+\.\d+\.\d+\.\d+/${LENGTH}\s+is\s+subnetted,\s+\d+\s+subnets$$
  ^\s{5}\d+\.\d+\.\d+\.\d+/\d+\s+is\s+variably\s+subnetted,\s+\d+\s+subnets,\s+\d+\s+masks$$
  ^${CODE}\s+${NETWORK}/${LENGTH}\s+is\s+directly\s+connected,\s+${INTERFACE}$$ -> Record
  ^${CODE}\s+${NETWORK}\s+is\s+directly\s+connected,\s+${INTERFACE}$$ -> Record
  ^${CODE}\s+${NETWORK}/${LENGTH}\s+\[${DISTANCE}/${METRIC}\]\s+via\s+${GATEWAY}$$ -> Record
  ^${CODE}\s+${NETWORK}\s+\[${DISTANCE}/${METRIC}\]\s+via\s+${GATEWAY}$$ -> Record
  ^\s+\[${DISTANCE}/${METRIC}\]\s+via\s+${GATEWAY}$$ -> Record
  ^. -> Error

EOF
"""

IPV6_ROUTE = r"""
Value Filldown CODE (C|L|S|R|B|I1|O)
Value Filldown PREFIX ([\dA-F:.]+/\d+)
Value Filldown DISTANCE (\d+)
Value GATEWAY ([\dA-F:.]+)
Value INTERFACE ([\w.-]+)

Start
  ^IPv6\s+Routing\s+Table\s+-\s+\d+\s+entries$$
  ^(Codes:|\s{7})\s*\w.*$$
  ^${CODE}\s+${PREFIX}\s+\[${DISTANCE}/\d+\]$$
  ^\s{5}via\s+${GATEWAY},\s+${INTERFACE}$$ -> Record
  ^. -> Error

EOF
"""

ARP = r"""
Value ADDRESS (\d+\.\d+\.\d+\.\d+)
Value AGE (\d+|-)
Value MAC ([a-f\d]{4}\.[a-f\d]{4}\.[a-f\d]{4}|Incomplete)
Value INTERFACE (\S+)

Start
  ^Protocol\s+Address\s+Age\s+\(min\)\s+Hardware\s+Addr\s+Type\s+Interface$$
  ^Internet\s+${ADDRESS}\s+${AGE}\s+${MAC}\s+ARPA(\s+${INTERFACE})?\s*$$ -> Record
  ^. -> Error
"""

IPV6_NEIGHBORS = r"""
Value ADDRESS ([\dA-F:.]+)
Value AGE (\d+|-)
Value MAC ([a-f\d]{4}\.[a-f\d]{4}\.[a-f\d]{4}|-)
Value STATE (REACH|STALE|DELAY|PROBE|INCMP)
Value INTERFACE (\S+)

Start
  ^IPv6\s+Address\s+Age\s+Link-layer\s+Addr\s+State\s+Interface$$
  ^${ADDRESS}\s+${AGE}\s+${MAC}\s+${STATE}\s+${INTERFACE}$$ -> Record
  ^. -> Error
"""


def parse(template, text):
    """One dictionary for each record, keys in lower case."""
    machine = textfsm.TextFSM(io.StringIO(template.lstrip("\n")))
    names = [name.lower() for name in machine.header]
    return [dict(zip(names, row)) for row in machine.ParseText(text)]
