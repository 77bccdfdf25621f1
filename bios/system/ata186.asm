; 186 and later: a sector of data by string I/O.
        cpu 186

ata_read_186:
        rep insw
        ret

ata_write_186:
        rep outsw
        ret

        cpu 8086
