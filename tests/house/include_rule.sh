#!/usr/bin/env bash
# base <- model <- ledger, av, http, interchange <- image <- render, providers <- stages, sandbox <- flow <- app <- capi; a stage never
# includes another; libav only in av, curl only in http, providers/local only by providers. Prints every include that
# breaks the rule and fails if there is one.
set -uo pipefail
cd "${1:-.}"

# What each room may include beside itself.
declare -A may=(
  [base]=""
  [model]="base"
  [ledger]="base model"
  [av]="base model"
  [http]="base model"
  [interchange]="base model"
  [image]="base model av"
  [render]="base model av image"
  [providers]="base model ledger av http image"
  [stages]="base model ledger av image render providers"
  [sandbox]="base model av image providers"
  [flow]="base model interchange ledger av http image render providers stages"
  [app]="base model interchange ledger av http image render providers stages flow sandbox"
  [capi]="app"
)

room_of() { # path of a file or of an include
  case $1 in
    pipeline/*) local rest=${1#pipeline/}; echo "${rest%%/*}" ;;
    stages/*) echo stages ;;
  esac
}

broken=0
complain() { echo "$1: includes \"$2\": $3"; broken=1; }

while IFS=: read -r file include; do
  from=$(room_of "$file")
  to=$(room_of "$include")
  if [[ -n $to && $to != "$from" && " ${may[$from]} " != *" $to "* ]]; then
    complain "$file" "$include" "$from may not include $to"
  fi
  if [[ $from == stages && $to == stages ]]; then
    own=$(cut -d/ -f2 <<<"$file"); other=$(cut -d/ -f2 <<<"$include")
    [[ $own == "$other" ]] || complain "$file" "$include" "a stage never includes another"
  fi
  if [[ $include == pipeline/providers/local/* && $from != providers ]]; then
    complain "$file" "$include" "providers/local belongs to pipeline/providers"
  fi
  [[ $include =~ ^lib(av|sw) && $from != av ]] && complain "$file" "$include" "libav belongs to pipeline/av"
  [[ $include =~ ^curl/ && $from != http ]] && complain "$file" "$include" "curl belongs to pipeline/http"
done < <(grep -rEo '^ *#include *[<"][^>"]+' pipeline stages --include='*.h' --include='*.cpp' |
  sed -E 's/: *#include *[<"]/:/')

((broken)) || echo "include rule: kept"
exit "$broken"
