"""A message checked for anybody, by any form or standard: on a page and for machines; nothing is stored."""
