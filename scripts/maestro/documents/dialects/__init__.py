"""One reader per dialect, all behind the same two functions: `recognise(survey) -> float` and `read(survey, path) -> Plan`."""
