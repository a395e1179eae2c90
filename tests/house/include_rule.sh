#!/usr/bin/env bash
# base <- model <- av, http <- providers <- stages <- flow <- app; a stage never includes another; libav only in av,
# curl only in http. Prints every include that breaks the rule and fails if there is one.
set -uo pipefail
cd "${1:-.}"

# What each room may include beside itself.
declare -A may=(
  [base]=""
  [model]="base"
  [av]="base model"
  [http]="base model"
  [providers]="base model av http"
  [stages]="base model av providers"
  [flow]="base model av http providers stages"
  [app]="base model av http providers stages flow"
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
  [[ $include =~ ^lib(av|sw) && $from != av ]] && complain "$file" "$include" "libav belongs to pipeline/av"
  [[ $include =~ ^curl/ && $from != http ]] && complain "$file" "$include" "curl belongs to pipeline/http"
done < <(grep -rEo '^ *#include *[<"][^>"]+' pipeline stages --include='*.h' --include='*.cpp' |
  sed -E 's/: *#include *[<"]/:/')

((broken)) || echo "include rule: kept"
exit "$broken"
