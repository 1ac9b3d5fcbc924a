# A job that runs once and ends well.
BEGIN {
    print "repository 8f3a12c7 opened (version 2, compression level auto)"
    print "using parent snapshot " hex(8)
    for (i = 1; i <= 40; i++) print "processed 2048 of 81920 files, chunk " i "/40: /srv/data/" hex(2) "/" hex(8)
    print "Files:        1204 new,    88 changed, 80628 unmodified"
    print "Added to the repository: 412.7 MiB (287.3 MiB stored)"
    print "snapshot " hex(8) " saved"
}
