; The fixed disk types of the AT, as programs look them up: cylinders, heads, write precompensation, landing zone, sectors.
; Nothing here follows CMOS: a disk says itself what it is.
%macro disk_type_entry 5
        dw %1
        db %2
        dw 0
        dw %3
        db 0
        db (%2 > 8) * 8
        dw 0
        db 0
        dw %4
        db %5
        db 0
%endmacro
        disk_type_entry 306, 4, 128, 305, 17            ; 1
        disk_type_entry 615, 4, 300, 615, 17
        disk_type_entry 615, 6, 300, 615, 17
        disk_type_entry 940, 8, 512, 940, 17
        disk_type_entry 940, 6, 512, 940, 17
        disk_type_entry 615, 4, 0xffff, 615, 17
        disk_type_entry 462, 8, 256, 511, 17
        disk_type_entry 733, 5, 0xffff, 733, 17
        disk_type_entry 900, 15, 0xffff, 901, 17
        disk_type_entry 820, 3, 0xffff, 820, 17         ; 10
        disk_type_entry 855, 5, 0xffff, 855, 17
        disk_type_entry 855, 7, 0xffff, 855, 17
        disk_type_entry 306, 8, 128, 319, 17
        disk_type_entry 733, 7, 0xffff, 733, 17
        disk_type_entry 0, 0, 0, 0, 0                   ; 15: more in another byte of CMOS
        disk_type_entry 612, 4, 0, 663, 17
        disk_type_entry 977, 5, 300, 977, 17
        disk_type_entry 977, 7, 0xffff, 977, 17
        disk_type_entry 1024, 7, 512, 1023, 17
        disk_type_entry 733, 5, 300, 732, 17            ; 20
        disk_type_entry 733, 7, 300, 732, 17
        disk_type_entry 733, 5, 300, 733, 17
        disk_type_entry 306, 4, 0, 336, 17
