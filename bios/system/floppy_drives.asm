; The floppy drives: what they are, and making one ready: motor, rate, which format the disk in it has.

; What a drive of each CMOS type holds at most: last cylinder, sectors; rates to try for an unknown disk, best first, and
; where in floppy_formats its own format stands.
floppy_drives:
        db 39, 9,  2, 0xff, 0xff, 1             ; 1: 360K
        db 79, 15, 0, 1, 2, 3                   ; 2: 1.2M
        db 79, 9,  2, 0xff, 0xff, 4             ; 3: 720K
        db 79, 18, 0, 2, 0xff, 5                ; 4: 1.44M
        db 79, 36, 3, 0, 2, 6                   ; 5: 2.88M
        db 79, 36, 3, 0, 2, 6                   ; 6: 2.88M
floppy_drive_bytes equ 6
floppy_types    equ 6

; Formats for AH=18h and AH=08h: last cylinder, sectors, rate (bit 7: double step), drive types (bits), then the table
; of INT 1Eh for it.
%macro floppy_format_entry 7
        db %1, %2, %3, %4
        db 0xaf, 0x02, 0x25, 0x02, %2, %5, 0xff, %6, 0xf6, 15, %7
%endmacro
floppy_format_bytes equ 15
floppy_formats:
        floppy_format_entry 39, 8,  2, 0b0000010, 0x2a, 0x50, 8         ; 0: 320K
        floppy_format_entry 39, 9,  2, 0b0000010, 0x2a, 0x50, 8         ; 1: 360K
        floppy_format_entry 39, 9,  0x81, 0b0000100, 0x23, 0x50, 8      ; 2: 360K in a 1.2M drive
        floppy_format_entry 79, 15, 0, 0b0000100, 0x1b, 0x54, 8         ; 3: 1.2M
        floppy_format_entry 79, 9,  2, 0b1111000, 0x2a, 0x50, 8         ; 4: 720K
        floppy_format_entry 79, 18, 0, 0b1110000, 0x1b, 0x6c, 8         ; 5: 1.44M
        floppy_format_entry 79, 36, 3, 0b1100000, 0x1b, 0x53, 8         ; 6: 2.88M
floppy_formats_count equ 7

; AL = CMOS type of drive DI, 0 if there is none. Changes AX only.
floppy_drive_type:
        cmp di, 2
        mov al, 0
        jae .done
        push ds
        ds_ebda
        mov al, [di + ebda.floppy_type]
        pop ds
.done:
        ret

; SI = the drive's entry in floppy_drives, AL = its type. Carry: there is no such drive.
floppy_drive_entry:
        call floppy_drive_type
        cmp al, 1
        jc .done
        cmp al, floppy_types
        jbe .known
        mov al, 4
.known:
        push ax
        dec ax
        mov ah, floppy_drive_bytes
        mul ah
        add ax, floppy_drives
        mov si, ax
        pop ax
        clc
.done:
        ret

; From CMOS, at power-on.
init_floppies:
        mov ds, [cs:bda_segment]
        mov al, cmos_floppies
        call cmos_read
        mov ah, al
        and ah, 0x0f
        mov cl, 4
        shr al, cl
        es_ebda
        mov [es:ebda.floppy_type], ax
        xor bx, bx
        test al, al
        jz .no_a
        mov bl, 0x01
        test ah, ah
        jz .count
        mov bl, 0x41
        jmp .count
.no_a:
        test ah, ah
        jz .count
        mov bl, 0x01
.count:
        or [bda.equipment], bl
        test bl, bl
        jz .done
        mov byte [bda.floppy_kinds], 0x77
        mov byte [bda.fdc_result], 0
        call fdc_reset
.done:
        ret

; ---- making a drive ready ----

; Motor on, drive selected.
floppy_motor:
        push cx
        cli
        mov byte [bda.motor_ticks], 0xff
        mov cx, di
        mov al, 1
        shl al, cl
        mov ah, al
        or ah, [bda.motors]
        and ah, 0x0f                    ; one motor stays on while the other starts
        mov al, cl
        mov cl, 4
        shl al, cl
        or al, ah
        mov [bda.motors], al
        mov al, ah
        shl al, cl
        mov cx, di
        or al, cl
        or al, 0x0c
        mov dx, port_fdc_output
        out dx, al
        sti
        pop cx
        ret

; After an operation: the motor runs on for as long as the table says.
floppy_motor_later:
        push ax
        push bx
        mov bl, 2
        call floppy_parameter
        mov [bda.motor_ticks], al
        pop bx
        pop ax
        ret

; Data rate AL into the controller.
floppy_set_rate:
        push ax
        push cx
        push dx
        mov dx, port_fdc_input
        out dx, al
        mov cl, 6
        shl al, cl
        mov [bda.floppy_rate], al
        and al, 0xc0
        cmp al, 0xc0                    ; 1 Mb/s is recorded perpendicularly
        mov ah, 0x80
        jne .plain
        mov cx, di
        mov ah, 4
        shl ah, cl
        or ah, 0x80
.plain:
        call floppy_has_perpendicular
        jc .done
        mov al, fdc_cmd_perpendicular
        call fdc_out
        mov al, ah
        call fdc_out
.done:
        pop dx
        pop cx
        pop ax
        ret

; Carry: drive DI cannot record perpendicularly.
floppy_has_perpendicular:
        push ax
        call floppy_drive_type
        cmp al, 5
        pop ax
        ret

; READ ID on head 0. AH = status, carry if bad.
floppy_read_id:
        call fdc_expect
        mov al, fdc_cmd_read_id
        call fdc_out
        jc .hung
        mov ax, di
        call fdc_out
        jc .hung
        call fdc_wait
        jc .done
        call fdc_results
        jc .hung
        jmp fdc_status
.hung:
        call fdc_reset
        mov ah, disk_controller
        stc
.done:
        ret

; Selects drive DI, starts its motor, looks whether the disk was changed and what kind it is. AH = status, carry if bad.
floppy_ready:
        call floppy_drive_entry
        mov ah, disk_timeout
        jc .done
        call floppy_motor
        call floppy_changed
        jnc .same_disk
        and byte [di + bda.floppy_media], 0xef
        call fdc_recalibrate            ; the change line falls with a step and a disk
        mov al, 1
        call fdc_seek
        mov al, 0
        call fdc_seek
        call floppy_changed
        mov ah, disk_timeout            ; no disk
        jc .done
        mov ah, disk_changed
        stc
        ret
.same_disk:
        test byte [di + bda.floppy_media], 0x10
        jz floppy_sense
        mov al, [di + bda.floppy_media]
        mov cl, 2
        rol al, cl
        and al, 0x03
        call floppy_set_rate
        mov ah, 0
        clc
.done:
        ret

; Carry: the change line of drive DI is active. A 360K drive has none.
floppy_changed:
        call floppy_drive_type
        cmp al, 2
        jb .no
        mov dx, port_fdc_input
        in al, dx
        shl al, 1
        ret
.no:
        clc
        ret

; Finds the rate at which the disk in drive DI can be read, and whether its tracks lie twice as far apart as the drive's.
floppy_sense:
        and byte [di + bda.floppy_media], 0x07
        call floppy_drive_entry
        mov al, 0
        call fdc_seek
        jc .done
        mov cx, 3
.rate:
        mov al, [cs:si + 2]
        inc si
        cmp al, 0xff
        je .next
        call floppy_set_rate
        push ax
        call floppy_read_id
        pop bx                          ; BL = rate
        jnc .found
        cmp ah, disk_timeout            ; no disk turns here
        je .bad
.next:
        loop .rate
        mov ah, disk_no_address_mark
.bad:
        stc
.done:
        ret
.found:
        mov bh, 0
        call floppy_drive_type
        cmp al, 2
        jne .single
        test bl, bl
        jz .single
        mov al, 2                       ; a 40-track disk has its cylinder 1 where the drive has 2
        call fdc_seek
        jc .single
        call floppy_read_id
        jc .single
        cmp byte [bda.fdc_result + 3], 1
        jne .single
        mov bh, 0x20
.single:
        call floppy_media_state
        mov [di + bda.floppy_media], al
        mov ah, 0
        clc
        ret

; AL = media state byte for rate BL, double step BH = 20h or 0, in drive DI.
floppy_media_state:
        call floppy_drive_type
        mov ah, 7
        cmp al, 3
        jae .known
        mov ah, 3                       ; 360K in its own drive
        cmp al, 1
        je .known
        mov ah, 5                       ; 1.2M
        test bl, bl
        jz .known
        mov ah, 4                       ; 360K in a 1.2M drive
.known:
        mov al, bl
        ror al, 1
        ror al, 1
        or al, bh
        or al, ah
        or al, 0x10
        ret
